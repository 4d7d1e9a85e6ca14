"""Lengths of time in tables."""

from django import template

from choir.administration.changes import length
from choir.web.shell.durations import in_short

register = template.Library()


@register.filter
def length_in_short(seconds: float) -> str:
    """Seconds in the two largest units: “2h 10m”."""
    return in_short(seconds)


@register.filter
def length_in_hours(seconds: int) -> str:
    """Seconds in hours and minutes: “40h 30m”. Of working time, in which a day has no fixed length."""
    return length(seconds)
