"""The sandbox network's page: be a customer, say something, watch the company answer. Open to anybody who can reach a
demo; there is none without a demo company."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.core.cache import caches
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from choir.sandbox.actions import LARGEST_PICTURE, RefusedError, Shown, join_as_customer, say
from choir.sandbox.models import Account, Picture, Post
from choir.sandbox.queries import companies_of, company_by_token, places, threads_of
from choir.wake import Step, wake
from choir.web.access import public
from choir.web.answers import answer
from choir.web.sandbox.forms import SaidForm, handle_of

THREADS_SHOWN = 40
POSTS_A_MINUTE = 30


@public
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The places there are."""
    return answer(request, "sandbox/places.html", {"places": places(), "section": "sandbox"})


@public
@require_GET
def place(request: HttpRequest, place: str) -> HttpResponse:
    """One place: a composer, and the newest threads with the company's answers as they come."""
    companies = _companies(place)
    seen_as = _customer(request, place)
    answered = _answered(companies, request.GET.get("answer", ""))
    form = SaidForm(
        companies=companies,
        initial={"name": seen_as.name if seen_as else "", "answers": answered},
    )
    return _page(request, place, companies, form)


@public
@require_POST
def posts(request: HttpRequest, place: str) -> HttpResponseBase:
    """Say something as a customer."""
    companies = _companies(place)
    form = SaidForm(request.POST, request.FILES, companies=companies)
    if not form.is_valid():
        return _page(request, place, companies, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        _hold_back(request)
        said = form.cleaned_data
        customer = join_as_customer(place=place, handle=handle_of(said["name"]), name=said["name"])
        post = say(
            author=customer,
            company=said["company"],
            text=said["text"],
            parent=said["answers"],
            kind=said["kind"],
            stars=int(said["stars"]) if said["stars"] and said["kind"] == "review" else None,
            pictures=[_shown(said["picture"], said["alt_text"])] if said["picture"] else [],
            at=timezone.now(),
        )
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, place, companies, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    wake(Step.SANDBOX)
    request.session[f"sandbox:{place}"] = customer.handle
    return redirect(f"{reverse('sandbox-place', args=[place])}#post-{post.pk}")


@public
@require_GET
def picture(request: HttpRequest, place: str, picture: uuid.UUID) -> HttpResponse:
    """A picture of a post; of a private one only for who wrote it, or the company, which proves itself with its
    token."""
    shown = Picture.objects.select_related("post__author", "post__company")
    found = shown.filter(pk=picture, post__author__place=place, post__deleted_at=None).first()
    if found is None or not _may_see(request, place, found.post):
        raise Http404("There is no such picture.")
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _may_see(request: HttpRequest, place: str, post: Post) -> bool:
    if not post.is_private:
        return True
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    asking = (company_by_token(place, token), _customer(request, place))
    taking_part = {post.author_id, post.company_id, (post.root or post).author_id}
    return any(one is not None and one.pk in taking_part for one in asking)


def _page(
    request: HttpRequest, place: str, companies: list[Account], form: SaidForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    seen_as = _customer(request, place)
    context = {
        "place": place,
        "companies": companies,
        "customer": seen_as,
        "form": form,
        "answered": form["answers"].value(),
        "threads": lambda: threads_of(companies, seen_by=seen_as, limit=THREADS_SHOWN),
    }
    return answer(request, "sandbox/place.html", context, parts=["sandbox-threads"], status=status)


def _shown(file: UploadedFile[bytes], alt_text: str) -> Shown:
    content = file.read(LARGEST_PICTURE + 1)
    return Shown(name=file.name or "", media_type=file.content_type or "", content=content, alt_text=alt_text)


def _companies(place: str) -> list[Account]:
    companies = companies_of(place)
    if not companies:
        raise Http404("There is no such place on the sandbox network.")
    return companies


def _customer(request: HttpRequest, place: str) -> Account | None:
    handle = request.GET.get("as") or request.session.get(f"sandbox:{place}")
    return Account.objects.filter(place=place, handle=handle, token_digest="").first() if handle else None


def _hold_back(request: HttpRequest) -> None:
    """Refuse whoever posts faster than a person does."""
    key = f"sandbox-posts:{request.META.get('REMOTE_ADDR', '')}:{timezone.now():%H%M}"
    counted = caches["local"]
    counted.add(key, 0, timeout=120)
    if counted.incr(key) > POSTS_A_MINUTE:
        raise RefusedError(_("That was a lot at once. Wait a minute, then go on."), status=429)


def _answered(companies: list[Account], stated: str) -> Post | None:
    try:
        return Post.objects.filter(pk=uuid.UUID(stated), company__in=companies, deleted_at=None).first()
    except ValueError:
        return None
