"""What holds for every page of a signed-in person: their language, their time zone, their way back in."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect

Answering = Callable[[HttpRequest], HttpResponse]


def personal(get_response: Answering) -> Answering:
    """Pages in the person's language, where Choir speaks it, and with times in their zone."""
    spoken = dict(settings.LANGUAGES)

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        language = request.user.language if request.user.language in spoken else settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(_zone(request.user.time_zone)):
            return get_response(request)

    return middleware


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def whole_page_sign_in(get_response: Answering) -> Answering:
    """When a session ended, htmx is sent to the sign-in page as a page, instead of drawing it into a part."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        location = response.headers.get("Location", "")
        if location.startswith(resolve_url(settings.LOGIN_URL)) and getattr(request, "htmx", None):
            return HttpResponseClientRedirect(resolve_url(settings.LOGIN_URL))
        return response

    return middleware
