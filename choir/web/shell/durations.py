"""Lengths of time in the fewest words, as the first drawing of what the browser then keeps moving.

A list shows a hundred of them, so each is put into words once per language.
"""

from functools import lru_cache

from django.utils.translation import get_language, gettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def in_short(seconds: float) -> str:
    """The two largest units of a length of time in seconds: "45m", "2h 10m", "3d 4h"."""
    size = max(0, round(seconds))
    return _in_short(size if size < MINUTE else size - size % MINUTE, get_language())


@lru_cache(maxsize=4096)
def _in_short(size: int, _language: str | None) -> str:
    days, hours, minutes = size // DAY, size % DAY // HOUR, size % HOUR // MINUTE
    units = (
        (days, gettext("%dd")),
        (hours, gettext("%dh")),
        (0 if days else minutes, gettext("%dm")),
    )
    shown = [template % count for count, template in units if count][:2]
    return " ".join(shown) or gettext("%ds") % size


def from_now(seconds: float, language: str | None = None) -> str:
    """A time relative to now, negative seconds being past: "now", "5m ago", "in 2h", "3d ago". `language` is the one
    in force, for whoever asked for it already."""
    return _from_now(round(abs(seconds) / 15) * 15, seconds < 0, language or get_language())


@lru_cache(maxsize=4096)
def _from_now(size: int, is_past: bool, _language: str | None) -> str:
    if size < 45:
        return gettext("now")
    if size < HOUR:
        amount = gettext("%dm") % max(1, round(size / MINUTE))
    elif size < DAY:
        amount = gettext("%dh") % round(size / HOUR)
    elif size < 30 * DAY:
        amount = gettext("%dd") % round(size / DAY)
    elif size < 365 * DAY:
        amount = gettext("%dmo") % round(size / DAY / 30)
    else:
        amount = gettext("%dy") % round(size / DAY / 365)
    return (gettext("%s ago") if is_past else gettext("in %s")) % amount
