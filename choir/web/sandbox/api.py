"""The sandbox network's API for companies: read the stream, answer, read one's own answers back.

A company proves itself with its token (`Authorization: Bearer …`). The network has no idempotency keys on purpose.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from choir.sandbox.actions import RefusedError, Shown, hide, say, take_back
from choir.sandbox.faults import Fault, misbehave, next_fault
from choir.sandbox.models import Account, Post
from choir.sandbox.queries import answers_count, answers_to, company_by_token, stream
from choir.sandbox.wire import entries
from choir.wake import Step, wake
from choir.web.access import public

SLOW_SECONDS = 15
MOST_FIGURES = 100
STATUS_FAULTS = {
    Fault.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    Fault.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Fault.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Fault.FAILURE: HTTPStatus.INTERNAL_SERVER_ERROR,
}

CompanyView = Callable[[HttpRequest, Account], HttpResponseBase]


def for_companies(on: str) -> Callable[[CompanyView], Callable[..., HttpResponseBase]]:
    """An endpoint for whoever has a token of the place; misbehaves when the account says so."""

    def rule(view: CompanyView) -> Callable[..., HttpResponseBase]:
        @public
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, place: str) -> HttpResponseBase:
            token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
            company = company_by_token(place, token)
            if company is None:
                return _problem(HTTPStatus.UNAUTHORIZED, "The token is not one of this place.")
            fault = next_fault(company, on=on)
            return view(request, company) if fault is None else _failing(fault, request, company, view)

        return answered

    return rule


@for_companies("stream")
@require_GET
def stream_of_company(request: HttpRequest, company: Account) -> HttpResponseBase:
    """`GET stream?after=<place>&limit=`: what concerns the company after a place, oldest first."""
    after, limit = request.GET.get("after", "0"), request.GET.get("limit", "100")
    if not after.isdecimal() or not limit.isdecimal():
        return _problem(HTTPStatus.BAD_REQUEST, "after and limit are numbers.")
    found, has_more = stream(company, after=int(after), limit=int(limit))
    cursor = str(found[-1].number) if found else after
    return JsonResponse({"entries": entries(found), "cursor": cursor, "has_more": has_more})


@for_companies("answers")
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, company: Account) -> HttpResponseBase:
    """`POST answers` says something under a post; `GET answers?in_reply_to=` reads back what was said there."""
    if request.method == "POST":
        return _answer(request, company)
    asked = _uuid(request.GET.get("in_reply_to", ""))
    if asked is None:
        return _problem(HTTPStatus.BAD_REQUEST, "in_reply_to is the id of a post.")
    found = answers_to(company, asked, limit=int(request.GET.get("limit", "50")))
    return JsonResponse({"entries": entries(found)})


@for_companies("answers")
@require_http_methods(["POST"])
def removals(request: HttpRequest, company: Account) -> HttpResponseBase:
    """`POST removals {"id"}`: the company takes back what it said. What is gone already is fine."""
    found = _of_company(company, request)
    if found is None:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such post in your stream.")
    if found.deleted_at is None:
        try:
            take_back(found, by=company, at=timezone.now())
        except RefusedError as refusal:
            return _problem(HTTPStatus(refusal.status), str(refusal))
        wake(Step.SANDBOX)
    return JsonResponse({})


@for_companies("answers")
@require_http_methods(["POST"])
def moderations(request: HttpRequest, company: Account) -> HttpResponseBase:
    """`POST moderations {"id", "hidden"}`: the company hides what was said to it, or shows it again."""
    found = _of_company(company, request)
    if found is None:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such post in your stream.")
    try:
        hide(found, by=company, is_hidden=bool(_body(request).get("hidden")), at=timezone.now())
    except RefusedError as refusal:
        return _problem(HTTPStatus(refusal.status), str(refusal))
    return JsonResponse({})


@for_companies("stream")
@require_GET
def figures(request: HttpRequest, company: Account) -> HttpResponseBase:
    """`GET figures?ids=A,B`: how many answered what the company said."""
    asked = [one for one in map(_uuid, request.GET.get("ids", "").split(",")) if one is not None][:MOST_FIGURES]
    found = answers_count(company, asked)
    return JsonResponse({"figures": {str(post_id): {"replies": count} for post_id, count in found.items()}})


def _of_company(company: Account, request: HttpRequest) -> Post | None:
    post_id = _uuid(str(_body(request).get("id", "")))
    return Post.objects.filter(company=company, pk=post_id).first() if post_id else None


@for_companies("faults")
@require_http_methods(["POST"])
def faults(request: HttpRequest, company: Account) -> HttpResponseBase:
    """`POST faults {"on", "do", "times"}`: have the network misbehave; only where the demo is."""
    if not settings.DEMO_SIGN_IN:
        return _problem(HTTPStatus.NOT_FOUND, "Faults are for the demo.")
    asked = _body(request)
    try:
        misbehave(company, on=str(asked["on"]), do=Fault(asked["do"]), times=int(asked.get("times", 1)))
    except (KeyError, ValueError, TypeError):
        return _problem(HTTPStatus.BAD_REQUEST, "A fault has on, do and times.")
    return JsonResponse({}, status=HTTPStatus.CREATED)


def _answer(request: HttpRequest, company: Account) -> HttpResponseBase:
    asked = _body(request)
    answered_id = _uuid(str(asked.get("in_reply_to", "")))
    stream_posts = Post.objects.filter(company=company).select_related("company", "root")
    parent = stream_posts.filter(pk=answered_id).first() if answered_id else None
    if parent is None:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such post in your stream.")
    try:
        pictures = [_picture(one) for one in asked.get("pictures") or ()]
        text = str(asked.get("text", ""))
        post = say(author=company, company=company, text=text, parent=parent, at=timezone.now(), pictures=pictures)
    except RefusedError as refusal:
        return _problem(HTTPStatus(refusal.status), str(refusal))
    wake(Step.SANDBOX)
    return JsonResponse(entries([post])[0], status=HTTPStatus.CREATED)


def _picture(stated: Any) -> Shown:
    """A picture of an answer: `{"name", "media_type", "alt", "content"}`, the content in base 64."""
    try:
        return Shown(
            name=str(stated["name"]),
            media_type=str(stated["media_type"]),
            content=base64.b64decode(stated["content"], validate=True),
            alt_text=str(stated.get("alt") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RefusedError("A picture has name, media_type, alt, and its content in base 64.") from None


def _failing(fault: Fault, request: HttpRequest, company: Account, view: CompanyView) -> HttpResponseBase:
    if fault in STATUS_FAULTS:
        response = _problem(STATUS_FAULTS[fault], "The network was asked to fail this way.")
        if fault is Fault.TOO_MANY:
            response["Retry-After"] = "2"
        return response
    if fault is Fault.BROKEN:
        return HttpResponse('{"entries": [', content_type="application/json")
    if fault is Fault.SLOW:
        time.sleep(SLOW_SECONDS)
        return view(request, company)
    if fault is Fault.DROP_AFTER:
        view(request, company)
    broken = StreamingHttpResponse(_breaks_off(), content_type="application/json")
    broken["Content-Length"] = "1000"
    return broken


def _breaks_off() -> Iterator[bytes]:
    """The beginning of an answer, then the connection is gone."""
    yield b"{"
    raise ConnectionAbortedError


def _problem(status: HTTPStatus, message: str) -> JsonResponse:
    return JsonResponse({"problem": message}, status=status)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _uuid(stated: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(stated)
    except ValueError:
        return None
