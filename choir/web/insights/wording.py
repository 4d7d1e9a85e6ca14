"""Values in words: in their unit, against the period before, and how many rows they rest on."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext, ngettext

from choir.measurement.figures import Figure
from choir.measurement.metric import Better, Counted, Lasting, Metric, Of, Standing, Unit
from choir.web.shell.durations import in_short

UNCHANGED = 0.005  # of the value before: less is “as before”


@dataclass(frozen=True, slots=True)
class Said:
    """A value as it is shown: the figure, and its unit beside it."""

    figure: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.figure} {self.unit}".strip() if self.unit != "%" else f"{self.figure}\u202f%"


@dataclass(frozen=True, slots=True)
class Change:
    """A value against the one before: in words, which way it went, and whether that is good."""

    words: str
    goes: str
    is_: str


def said(metric: Metric, value: float | None, currency: str = "") -> Said:
    """A value in the metric's unit, money with the currency beside it; a dash where there is nothing to count."""
    if value is None:
        return Said("–")
    if metric.unit == Unit.SECONDS:
        return Said(in_short(value))
    if metric.unit == Unit.SHARE:
        return Said(f"{value * 100:.1f}".removesuffix(".0"), "%")
    if metric.unit == Unit.NET:
        return Said(f"{value * 100:+.0f}".replace("-", "−"), gettext("points"))
    if metric.unit == Unit.MONEY:
        return Said(intcomma(f"{value:.2f}"), currency)
    return Said(f"{value:.1f}", gettext("each")) if metric.unit == Unit.EACH else Said(intcomma(int(value)))


def change(metric: Metric, now: Figure, before: Figure) -> Change | None:
    """How it moved; nothing where there is nothing to compare with."""
    if now.value is None or before.value is None:
        return None
    moved = now.value - before.value
    if abs(moved) <= UNCHANGED * max(abs(before.value), abs(now.value)) or (metric.unit == Unit.COUNT and not moved):
        return Change(gettext("as before"), "", "")
    words = _moved(metric, moved, before.value)
    better = {Better.LOWER: moved < 0, Better.HIGHER: moved > 0}.get(metric.better)
    is_ = "" if better is None or now.is_small or before.is_small else ("good" if better else "bad")
    return Change(words, "up" if moved > 0 else "down", is_)


def _moved(metric: Metric, moved: float, before: float) -> str:
    size = abs(moved)
    if metric.unit == Unit.SECONDS:
        text = gettext("%s longer") if moved > 0 else gettext("%s shorter")
        return text % in_short(size)
    if metric.unit in (Unit.SHARE, Unit.NET):
        text = gettext("%s points more") if moved > 0 else gettext("%s points less")
        return text % f"{size * 100:.1f}".removesuffix(".0")
    if metric.unit == Unit.EACH:
        text = gettext("%s more") if moved > 0 else gettext("%s fewer")
        return text % f"{size:.1f}"
    if before >= 20:
        text = gettext("%s more") if moved > 0 else gettext("%s less")
        return text % f"{size / before * 100:.0f}\u202f%"
    text = gettext("%s more") if moved > 0 else gettext("%s fewer")
    return text % intcomma(int(size))


def rests_on(metric: Metric, found: Figure) -> str:
    """What stands under a figure: the slow end of durations, and how many rows a share or a median rests on."""
    parts = []
    if isinstance(metric, Lasting) and found.p90 is not None:
        parts.append(gettext("9 of 10 within %s") % in_short(found.p90))
    if metric.unit == Unit.MONEY and found.value is not None and found.n:
        parts.append(gettext("%s each") % said(metric, found.value / found.n))
    if tells_rows(metric) and found.n:
        parts.append(rows_words(metric, found.n) % intcomma(found.n))
    return " · ".join(parts)


def tells_rows(metric: Metric) -> bool:
    """Whether how many rows a figure rests on is another number than the figure."""
    return not isinstance(metric, Counted | Standing)


def rows_words(metric: Metric, n: int) -> str:
    """“of %s conversations”"""
    return {
        Of.CONVERSATIONS: lambda: ngettext("of %s conversation", "of %s conversations", n),
        Of.ANSWERS: lambda: ngettext("of %s answer", "of %s answers", n),
        Of.PROMISES: lambda: ngettext("of %s promise", "of %s promises", n),
        Of.CUSTOMERS: lambda: ngettext("of %s customer", "of %s customers", n),
        Of.MESSAGES: lambda: ngettext("of %s message", "of %s messages", n),
        Of.MENTIONS: lambda: ngettext("of %s mention", "of %s mentions", n),
        Of.SPIKES: lambda: ngettext("of %s spike", "of %s spikes", n),
    }[metric.of]()
