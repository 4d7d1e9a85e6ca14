"""How a page answers: whole to a browser, in parts to htmx.

A part's name, its element's id and its hx-target are one word: `conversation-list` is the element with that id,
asked for with hx-target="#conversation-list", drawn by the template conversation_list.html beside the page's own.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from choir.web.taking import is_asked, taken


def answer(
    request: HttpRequest,
    page: str,
    context: Mapping[str, Any] | None = None,
    *,
    parts: Sequence[str] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The page, or the one of its `parts` that htmx asked for, or a table of it as a file (`taking`).

    Values of the context that only one part needs may be functions: a template calls them when it comes to them.
    A form with errors is answered with `status=422`, which htmx shows like any other answer.
    """
    wanted = _wanted_part(request)
    template = _template_of(page, wanted) if wanted in parts else page
    response = render(request, template, dict(context or {}), status=status)
    if status == HTTPStatus.OK and is_asked(request):
        return cast(HttpResponse, taken(request, response))  # nobody reads the body of what is being sent
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _wanted_part(request: HttpRequest) -> str:
    """The target's id when htmx wants a part. A step back in history wants the page, and so does a boosted link that
    names no target: its target is the body."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx or htmx.history_restore_request:
        return ""
    return htmx.target or ""


def _template_of(page: str, part: str) -> str:
    return str(PurePosixPath(page).with_name(part.replace("-", "_") + ".html"))
