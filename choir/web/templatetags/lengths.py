"""Lengths of time in tables."""

from django import template

from choir.web.shell.durations import in_short

register = template.Library()


@register.filter
def length_in_short(seconds: float) -> str:
    """Seconds in the two largest units: “2h 10m”."""
    return in_short(seconds)
