"""What is shown when a page is not there, not allowed, or failed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not yours to see."""
    return render(request, "shell/not_found.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: there, but your roles do not include it; says which permission is missing."""
    return render(request, "shell/forbidden.html", {"because": str(exception)}, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return render(request, "shell/failed.html", status=500)
