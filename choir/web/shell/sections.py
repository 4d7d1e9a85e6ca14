"""The product's sections, in the order in which the rail shows them: the one place that lists them.

A section is shown to a person once its page exists (its URL name can be reversed) and its page's rule lets the
person in, so that nothing is said twice.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import NoReverseMatch, get_urlconf, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.people.models import Person, Workspace
from choir.people.policy import Permission, Reach


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the rail. `keys` are pressed one after the other; the name is also its URL name and, unless
    `drawing` says otherwise, its drawing."""

    name: str
    title: str | Promise
    keys: str
    at_end: bool = False
    drawing: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A section's page: where it is and what it demands."""

    section: Section
    url: str
    permission: Permission | None


SECTIONS = (
    Section("today", _("Today"), "g t"),
    Section("inbox", _("Inbox"), "g i"),
    Section("listening", _("Listening"), "g l"),
    Section("customers", _("Customers"), "g c"),
    Section("publish", _("Publish"), "g p"),
    Section("ownership", _("Ownership"), "g o"),
    Section("strategy", _("Strategy"), "g s"),
    Section("committee", _("Committee"), "g m"),
    Section("insights", _("Insights"), "g n"),
    Section("executive", _("Executive"), "g e"),
    Section("knowledge", _("Knowledge"), "g k"),
    Section("sandbox", _("Sandbox"), "g x", at_end=True, drawing="network-sandbox"),
    Section("settings", _("Settings"), "g ,", at_end=True),
)


@lru_cache(maxsize=256)
def _existing(urlconf: str | None, workspace: str) -> tuple[Place, ...]:
    return tuple(place for section in SECTIONS if (place := _place(section, urlconf, workspace)))


def _place(section: Section, urlconf: str | None, workspace: str) -> Place | None:
    for named in ({"workspace": workspace}, {}) if workspace else ({},):
        try:
            url = reverse(section.name, urlconf=urlconf, kwargs=named)
        except NoReverseMatch:
            continue
        rule = getattr(resolve(url, urlconf).func, "rule", None)
        return Place(section, url, getattr(rule, "permission", None))
    return None


def places_for(person: Person, workspace: Workspace | None) -> list[Place]:
    """The sections this person can open in this workspace."""
    places = _existing(get_urlconf(), workspace.slug if workspace else "")
    return [
        place
        for place in places
        if place.permission is None
        or (workspace and person.access.reach(place.permission, workspace.pk) > Reach.NOTHING)
    ]
