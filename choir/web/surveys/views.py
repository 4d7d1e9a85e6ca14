"""How it went, in one click. Opening the page says nothing, because programs open links too: only its buttons do.

Who has the signed address is who was asked; there is no cookie and no sign-in, so the pages work in any browser and
nothing of anybody else's could be done with them.
"""

from __future__ import annotations

from http import HTTPStatus

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from choir.surveys.actions import MOST_WORDS, NoSuchScoreError, take_answer, take_comment
from choir.surveys.links import survey_at
from choir.surveys.models import Survey
from choir.surveys.words import words_in
from choir.web.access import public

MOST_ANSWERS, WITHIN_SECONDS = 30, 600  # from one address


@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, signed: str) -> HttpResponse:
    """The question with its five buttons; once answered, the thanks."""
    found = survey_at(signed)
    if found is None:
        return _page(request, None, status=HTTPStatus.NOT_FOUND)
    if request.method != "POST":
        return _page(request, found)
    if _too_many(request):
        return _page(request, found, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        take_answer(found, score=int(request.POST.get("score", "")), at=timezone.now())
    except (ValueError, NoSuchScoreError):
        return _page(request, found, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect("survey", signed=signed)


@csrf_exempt
@public
@require_POST
def comment(request: HttpRequest, signed: str) -> HttpResponse:
    """A customer's words beside their score."""
    found = survey_at(signed)
    if found is None:
        return _page(request, None, status=HTTPStatus.NOT_FOUND)
    if _too_many(request):
        return _page(request, found, status=HTTPStatus.TOO_MANY_REQUESTS)
    take_comment(found, comment=request.POST.get("comment", ""), at=timezone.now())
    return redirect("survey", signed=signed)


def _page(request: HttpRequest, found: Survey | None, *, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    asked_in = found.language if found else request.headers.get("Accept-Language", "en")
    words = words_in(asked_in)
    context = {
        "survey": found,
        "words": words,
        "scores": list(enumerate(words.scores, start=1))[::-1],
        "said": words.scores[found.score - 1] if found and found.score else "",
        "organisation": found.conversation.workspace.organisation if found else None,
        "most_words": MOST_WORDS,
    }
    response = render(request, "surveys/survey.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    response["X-Robots-Tag"] = "noindex"
    return response


def _too_many(request: HttpRequest) -> bool:
    """Whether one address answers more than people do."""
    key = f"survey:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, WITHIN_SECONDS)
    try:
        return cache.incr(key) > MOST_ANSWERS
    except ValueError:  # it ran out between the two
        return False
