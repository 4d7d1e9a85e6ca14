"""The start, and what is shown when a page is not there, not allowed, or failed."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from choir.web.access import WorkspaceRequest, public, signed_in
from choir.web.shell.sections import places_for
from choir.web.shell.workspaces import workspace_shown

WORKER = Path(__file__).with_name("service-worker.js")


@public
def offline(request: HttpRequest) -> HttpResponse:
    """What the browser keeps for when Choir cannot be reached."""
    return render(None, "shell/offline.html")


@public
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows it. It is served from the top, because it minds every page below its address."""
    script = WORKER.read_text(encoding="utf-8").replace("VERSION", settings.STATIC_URL.strip("/"))
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@signed_in
def home(request: WorkspaceRequest) -> HttpResponse:
    """Leads to the first section the person can open; without one, to their profile."""
    workspace = workspace_shown(request, request.person.workspaces)
    places = places_for(request.person, workspace)
    return redirect(places[0].url if places else "profile")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not yours to see."""
    return render(request, "shell/not_found.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: there, but your roles do not include it; says which permission is missing."""
    return render(request, "shell/forbidden.html", {"because": str(exception)}, status=403)


def unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form came without the proof that it was sent from a page of ours; most often the page had grown old."""
    return render(request, "shell/unproven.html", status=403)


def unopened(request: HttpRequest) -> HttpResponse:
    """405: an address that is for a button was opened."""
    return render(request, "shell/unopened.html", status=405)


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return render(None, "shell/failed.html", status=500)
