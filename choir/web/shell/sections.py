"""The product's sections, in the order in which the rail shows them: the one place that lists them.

A section is shown once its pages exist, that is, when its URL name can be reversed.
"""

from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the rail. `keys` are pressed one after the other."""

    name: str
    title: str | Promise
    url_name: str
    keys: str
    at_end: bool = False

    @property
    def icon(self) -> str:
        return self.name


SECTIONS = (
    Section("today", _("Today"), "today", "g t"),
    Section("inbox", _("Inbox"), "inbox", "g i"),
    Section("listening", _("Listening"), "listening", "g l"),
    Section("customers", _("Customers"), "customers", "g c"),
    Section("publish", _("Publish"), "publish", "g p"),
    Section("ownership", _("Ownership"), "ownership", "g o"),
    Section("strategy", _("Strategy"), "strategy", "g s"),
    Section("committee", _("Committee"), "committee", "g m"),
    Section("insights", _("Insights"), "insights", "g n"),
    Section("executive", _("Executive"), "executive", "g e"),
    Section("knowledge", _("Knowledge"), "knowledge", "g k"),
    Section("settings", _("Settings"), "settings", "g ,", at_end=True),
)


@cache
def _existing(urlconf: str | None) -> tuple[tuple[Section, str], ...]:
    found = []
    for section in SECTIONS:
        try:
            found.append((section, reverse(section.url_name, urlconf=urlconf)))
        except NoReverseMatch:
            continue
    return tuple(found)


def existing_sections() -> tuple[tuple[Section, str], ...]:
    """The sections that have pages, each with its address."""
    return _existing(get_urlconf())
