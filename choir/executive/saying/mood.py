"""How customers felt: the tone of what they said, what they answered when asked, and what they praised."""

from __future__ import annotations

from typing import Any

from choir.executive.saying.sentence import Sentence, moved, opening, plain
from choir.executive.weeks import Looked, Trend, trend
from choir.governance.agenda.raised import Fact
from choir.governance.wording import said
from choir.measurement.figures import split
from choir.measurement.metrics import catalogue
from choir.routing.models import Objective

ALWAYS = 0.5
PRAISED = 0.6  # of what was said about something, to be told as praise
ABOUT = 8  # rows about one thing before it is named


def tone(looked: Looked) -> Sentence | None:
    """Whether words were warmer or colder, and what weighed most on that side."""
    metric = catalogue()["sentiment"]
    found = trend(metric, looked)
    if found.now.value is None:
        return None
    value = f"Happy words less unhappy ones: {said(metric, found.now.value)}"
    parts = [
        opening(looked, value, "sentiment"),
        plain(f", {moved(found, 'warmer', 'colder', 'the warmest', 'the coldest')}"),
    ]
    parts += _weighing(looked, found)
    return Sentence("tone", (*parts, plain(".")), ALWAYS + abs(found.unusual), found.goes_well)


def _weighing(looked: Looked, found: Trend) -> list[Fact]:
    """The objective with most unhappy words in a cold week, or most happy ones in a warm one."""
    is_cold = found.goes_well is False or (found.now.value or 0) < 0
    slug, word = ("negative", "unhappy") if is_cold else ("positive", "happy")
    shares = split(catalogue()[slug], looked.asked(), "objective")
    objectives = _objectives(looked)
    counts = {key: round((one.value or 0) * one.n) for key, one in shares.items() if key in objectives}
    most = max(counts, key=lambda key: counts[key], default=None)
    if most is None or counts[most] < 2:
        return []
    one = objectives[most]
    words = f"{str(one).lower()} weighed most, {counts[most]} of {shares[most].n} {word}"
    return [plain("; "), opening(looked, words, slug, objective=one.slug, side="met")]


def satisfied(looked: Looked) -> Sentence | None:
    """What customers said when they were asked, where enough of them did."""
    metric = catalogue()["csat"]
    found = trend(metric, looked)
    if found.now.value is None or found.now.is_small:
        return None
    words = f"{said(metric, found.now.value)} of the {found.now.n} customers who said how it went were satisfied"
    parts = (opening(looked, words, "csat"), plain(f", {moved(found)}."))
    return Sentence("satisfied", parts, ALWAYS + abs(found.unusual), found.goes_well)


def praised(looked: Looked) -> Sentence | None:
    """What customers were happiest about: the good news that figures of trouble leave out."""
    shares = split(catalogue()["positive"], looked.asked(), "objective")
    objectives = _objectives(looked)
    warm = {
        key: one for key, one in shares.items()
        if key in objectives and one.n >= ABOUT and (one.value or 0) >= PRAISED
    }  # fmt: skip
    best = max(warm, key=lambda key: round((warm[key].value or 0) * warm[key].n), default=None)
    if best is None:
        return None
    one, figure = objectives[best], warm[best]
    words = f"{round((figure.value or 0) * figure.n)} of {figure.n} who wrote about {str(one).lower()} were happy"
    parts = (plain("Praise: "), opening(looked, words, "positive", objective=one.slug, side="met"), plain("."))
    return Sentence("praised", parts, ALWAYS + 2 * ((figure.value or 0) - PRAISED), True)


def _objectives(looked: Looked) -> dict[Any, Objective]:
    return {one.pk: one for one in Objective.objects.filter(organisation_id=looked.workspace.organisation_id)}
