"""Values, assumptions and parts of an account in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from choir.people.models import Workspace
from choir.value.assuming import ASSUMED, AssumptionUnit, Key
from choir.value.estimate import Spread
from choir.value.models import Assumption

DIGITS = 3  # of an estimate; more would claim too much
WHAT: Mapping[str, str | Promise] = {
    "amount": _("%s, by their amounts"),
    "pieces": _("%s, each alike"),
    "settled": _("Settled here with one answer"),
    "kept": _("Unhappy customers brought round"),
    "work": _("Recorded work on answers"),
    "work_uncosted": _("Recorded work of people without an hourly cost"),
    "unrecorded": _("Answers whose work left no trace"),
    "unrecorded_uncosted": _("Such answers of people without an hourly cost"),
    "paid": _("Spent on “%s”"),
    "shared": _("Share of tools and what is spent for everything"),
}
COUNTED: Mapping[str, str | Promise] = {
    "amount": _("conversions"), "pieces": _("conversions"), "settled": _("conversations"), "kept": _("customers"),
    "work": _("hours"), "work_uncosted": _("hours"), "unrecorded": _("answers"), "unrecorded_uncosted": _("answers"),
}  # fmt: skip


def money(value: float | None, currency: str, *, is_exact: bool = False) -> str:
    """An amount: estimates with three digits, what was counted to the unit."""
    if value is None:
        return "–"
    whole = round(value) if is_exact else _rounded(value)
    return f"{intcomma(whole)} {currency}".replace("-", "−")


def _rounded(value: float) -> int:
    if abs(value) < 1:
        return 0
    places = DIGITS - 1 - math.floor(math.log10(abs(value)))
    return round(round(value, min(places, 0)))


@dataclass(frozen=True, slots=True)
class Said:
    """A range as it is shown: its middle, and between which two four of five cases lie; alone where it is sure."""

    middle: str
    low: str
    high: str
    exact: Spread

    @property
    def is_sure(self) -> bool:
        """Whether there is nothing to say of a range."""
        return self.low == self.high

    def __str__(self) -> str:
        if self.is_sure:
            return self.middle
        return gettext("%(middle)s (%(low)s to %(high)s)") % {"middle": self.middle, "low": self.low, "high": self.high}


def said(found: Spread | None, currency: str) -> Said | None:
    """A range in money; None where it is not claimed."""
    if found is None:
        return None
    is_exact = found.low == found.high
    middle, low, high = (money(one, currency, is_exact=is_exact) for one in (found.middle, found.low, found.high))
    return Said(middle, low, high, found)


def value_in(name: str, value: float | None, currency: str) -> str:
    """A value of an assumption."""
    if value is None:
        return "–"
    unit = ASSUMED[name].unit
    if unit is AssumptionUnit.SHARE:
        return f"{value * 100:.3g}\u202f%"
    if unit is AssumptionUnit.MONEY:
        return f"{value:,.2f} {currency}".replace(".00 ", " ")
    return gettext("%s minutes") % f"{value:g}" if unit is AssumptionUnit.MINUTES else f"× {value:g}"


def range_in(row: Assumption, currency: str) -> str:
    """An assumption's range."""
    low, likely, high = (value_in(row.name, one, currency) for one in (row.low, row.likely, row.high))
    if low == high:
        return likely
    return gettext("%(low)s – %(likely)s – %(high)s") % {"low": low, "likely": likely, "high": high}


def key_words(key: Key, workspace_names: Mapping[Any, str]) -> str:
    """An assumption's name, and of what it is said."""
    title = str(ASSUMED[key.name].title)
    of = workspace_names.get(key.of, "") if key.of else ""
    return f"{title}: {of}" if of else title


def currency_of(workspace: Workspace) -> str:
    """What amounts are in."""
    return workspace.organisation.currency


def typed(name: str, value: float | None) -> str:
    """A value as it can be typed again: shares in per cent."""
    if value is None:
        return ""
    return f"{value * 100:g}" if ASSUMED[name].unit is AssumptionUnit.SHARE else f"{value:g}"
