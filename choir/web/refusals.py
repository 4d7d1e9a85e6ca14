"""An action that refuses for want of permission becomes a 403 with its own words, wherever it was called from; an
address that is only for buttons says so to whoever opens it."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from choir.people.access import NotAllowedError
from choir.web.shell.views import forbidden, unopened


class Refusals:
    """Middleware; see the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A page in place of nothing at all, for browsers: a sign-in leads them to what was asked for before it."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET" and request.accepts("text/html"):
            response.content = unopened(request).content
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn NotAllowedError into the page that says which permission is missing."""
        if isinstance(exception, NotAllowedError):
            return forbidden(request, PermissionDenied(str(exception)))
        return None
