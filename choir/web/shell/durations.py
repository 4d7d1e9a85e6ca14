"""Lengths of time in the fewest words, as the first drawing of what the browser then keeps moving."""

from django.utils.translation import gettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def in_short(seconds: float) -> str:
    """The two largest units of a length of time in seconds: "45m", "2h 10m", "3d 4h"."""
    size = max(0, round(seconds))
    days, hours, minutes = size // DAY, size % DAY // HOUR, size % HOUR // MINUTE
    units = (
        (days, gettext("%dd")),
        (hours, gettext("%dh")),
        (0 if days else minutes, gettext("%dm")),
    )
    shown = [template % count for count, template in units if count][:2]
    return " ".join(shown) or gettext("%ds") % size


def from_now(seconds: float) -> str:
    """A time relative to now, negative seconds being past: "now", "5m ago", "in 2h", "3d ago"."""
    size = abs(seconds)
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
    return (gettext("%s ago") if seconds < 0 else gettext("in %s")) % amount
