"""Figures of listening in words."""

from django import template
from django.utils.translation import gettext

register = template.Library()
LEAST = 1e-9


@register.filter
def percent(share: float | None) -> str:
    """0.314 → “31 %”"""
    return f"{round((share or 0) * 100)} %"


@register.filter
def once_in(chance: float) -> str:
    """0.00002 → “once in 50,000 such stretches of time”"""
    if chance <= LEAST:
        return gettext("practically never")
    return gettext("once in %s such stretches of time") % f"{round(1 / chance):,}"
