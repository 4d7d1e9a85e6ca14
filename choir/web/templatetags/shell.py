"""What the frame shows, computed only where it is drawn: a part asked for by htmx costs nothing here."""

from django import template
from django.urls import NoReverseMatch, reverse

from choir.web.shell.sections import Section, existing_sections

register = template.Library()


@register.simple_tag
def rail_sections() -> tuple[tuple[Section, str], ...]:
    """The sections that have pages, each with its address."""
    return existing_sections()


@register.simple_tag
def url_if_any(name: str) -> str:
    """The address of a page, or nothing while the page does not exist."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.simple_tag
def search_url() -> str:
    """Where searching goes without JavaScript: the inbox, which has a search field."""
    return url_if_any("inbox") or "/"
