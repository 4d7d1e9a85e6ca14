"""What the frame shows, computed only where it is drawn: a part asked for by htmx costs nothing here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse

from choir.people.models import Person, Workspace
from choir.web.access import WorkspaceRequest, may_open
from choir.web.shell.sections import Place, places_for
from choir.web.shell.workspaces import workspace_shown

register = template.Library()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page for one person."""

    person: Person
    workspace: Workspace | None
    others: list[Workspace]
    places: list[Place]
    search_url: str
    palette_url: str
    is_htmx: bool

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that the rail and the top bar show, as plain values."""
        person, workspace = self.person, self.workspace
        return (
            *(str(person.pk), person.name, person.title, person.email, person.presence, person.theme),
            *(person.organisation.is_demo, str(workspace) if workspace else "", self.search_url, self.is_htmx),
            *((other.name, other.slug) for other in self.others),
            *((place.section.name, place.section.title, place.url) for place in self.places),
        )


@register.simple_tag(takes_context=True)
def frame(context: Mapping[str, Any]) -> Frame | None:
    """The frame for whoever is signed in; nothing for a visitor."""
    request: HttpRequest = context["request"]
    if not request.user.is_authenticated:
        return None
    known = request.user.workspaces
    shown = workspace_shown(request, known)
    return Frame(
        person=request.user,
        workspace=shown,
        others=[workspace for workspace in known if workspace != shown],
        places=places_for(request.user, shown),
        search_url=_url("inbox", shown) or "/",
        palette_url=_url("palette", shown),
        is_htmx=bool(getattr(request, "htmx", False)),
    )


@register.simple_tag
def home_of(workspace: Workspace) -> str:
    """Where a workspace begins: its inbox."""
    return _url("inbox", workspace) or "/"


@register.simple_tag(takes_context=True)
def opens(context: Mapping[str, Any], name: str) -> bool:
    """True if the page of this name in this workspace lets in whoever looks."""
    request: WorkspaceRequest = context["request"]
    return may_open(request.person, request.workspace, _url(name, request.workspace))


@register.simple_tag(takes_context=True)
def chosen_theme(context: Mapping[str, Any]) -> str:
    """ "light" or "dark" if the page or the person says so, "" for the system's choice."""
    theme = context.get("theme")
    request = context.get("request")
    if theme is None and request is not None and request.user.is_authenticated:
        theme = request.user.theme
    return theme if theme in {"light", "dark"} else ""


def _url(name: str, workspace: Workspace | None) -> str:
    return _reversed(name, workspace.slug, get_urlconf()) if workspace else ""


@lru_cache(maxsize=256)
def _reversed(name: str, workspace: str, urlconf: str | None) -> str:
    try:
        return reverse(name, urlconf=urlconf, kwargs={"workspace": workspace})
    except NoReverseMatch:
        return ""
