"""What changed, in words: the sentence that the record and the pages of the settings show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

HOUR, MINUTE = 3600, 60


def apply(row: models.Model, wanted: Mapping[str, Any], *, unsaid: frozenset[str] = frozenset()) -> str:
    """Set these fields on the row (which the caller saves) and say in a sentence what that changes; empty when
    nothing does. Of the fields in `unsaid` only that they changed is said, not from what to what."""
    said = []
    for name, value in wanted.items():
        before, was = _in_words(row, name), getattr(row, name)
        setattr(row, name, value)
        if was == value:
            continue
        label = str(getattr(row._meta.get_field(name), "verbose_name", name)).removesuffix(" seconds")
        said.append(f"{label} changed" if name in unsaid else f"{label}: {before} → {_in_words(row, name)}")
    return "; ".join(said)


def _in_words(row: models.Model, name: str) -> str:
    """The field's value as a person would say it."""
    shown = getattr(row, f"get_{name}_display", None)
    value = shown() if shown else getattr(row, name)
    if name.endswith("_seconds") and value is not None:
        return length(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None or value == "" else str(value)


def length(seconds: int) -> str:
    """Hours and minutes: “4h 30m”."""
    hours, minutes = divmod(seconds // MINUTE, HOUR // MINUTE)
    return " ".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m")) if count) or f"{seconds}s"
