"""An action that refuses for want of permission becomes a 403 with its own words, wherever it was called from."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from choir.people.access import NotAllowedError
from choir.web.shell.views import forbidden


class Refusals:
    """Middleware; see the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before or after a view."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn NotAllowedError into the page that says which permission is missing."""
        if isinstance(exception, NotAllowedError):
            return forbidden(request, PermissionDenied(str(exception)))
        return None
