"""Values of a metric as a person types and reads them: “85 %”, “4 h 30 min”, “+20”, “1200”."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from choir.measurement.metric import Unit

SECONDS_IN = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600, "hours": 3600, "d": 86400, "day": 86400,
              "days": 86400}  # fmt: skip
_PART = re.compile(r"\s*(?P<count>\d+(?:[.,]\d+)?)\s*(?P<unit>[a-z]+)", re.IGNORECASE)
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
PLAIN = (Unit.COUNT, Unit.MONEY, Unit.EACH)
EXAMPLES = {
    Unit.COUNT: "1200",
    Unit.SECONDS: "4 h 30 min",
    Unit.SHARE: "85 %",
    Unit.NET: "+20",
    Unit.MONEY: "1200",
    Unit.EACH: "2.5",
}


def read_value(text: str, unit: Unit) -> float:
    """A value in the metric's unit. Raises ValueError with a sentence that says what is expected."""
    typed = text.strip()
    if unit is Unit.SECONDS:
        return _seconds(typed)
    bare = typed.removesuffix("%").replace("\u202f", "").replace(" ", "")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(_refusal(typed, unit))
    number = float(bare.replace(",", ".").replace("−", "-"))
    if unit in PLAIN:
        return number
    number /= 100
    if abs(number) > 1 or (unit is Unit.SHARE and number < 0):
        raise ValueError(_refusal(typed, unit))
    return number


def write_value(value: float | None, unit: Unit) -> str:
    """The value as it can be typed again; empty for none."""
    if value is None:
        return ""
    if unit is Unit.SECONDS:
        return _written_seconds(round(value))
    if unit in PLAIN:
        return f"{value:g}"
    return f"{value * 100:g}" + (" %" if unit is Unit.SHARE else "")


def _seconds(typed: str) -> float:
    total, at = 0.0, 0
    while at < len(typed) and (part := _PART.match(typed, at)):
        if part["unit"].lower() not in SECONDS_IN:
            break
        total += float(part["count"].replace(",", ".")) * SECONDS_IN[part["unit"].lower()]
        at = part.end()
    if not typed or typed[at:].strip():
        raise ValueError(_refusal(typed, Unit.SECONDS))
    return total


def _written_seconds(left: int) -> str:
    parts: list[str] = []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if left >= size or (name == "s" and not parts):
            parts.append(f"{left // size} {name}")
            left %= size
        if not left and parts:
            break
    return " ".join(parts)


def _refusal(typed: str, unit: Unit) -> str:
    return _("“%(typed)s” is no value of this metric. Write it like this: %(example)s") % {
        "typed": typed, "example": EXAMPLES[unit],
    }  # fmt: skip
