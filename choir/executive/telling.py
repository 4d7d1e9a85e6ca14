"""Which sentences a brief says: the weightiest, one about each thing, and never bad news alone where there is good."""

from __future__ import annotations

from collections.abc import Sequence

from choir.executive.saying import mood, service, steering
from choir.executive.saying.sentence import Rule, Sentence
from choir.executive.weeks import Looked

SENTENCES = 5
RULES: tuple[Rule, ...] = (
    service.volume, service.answering, service.promises, service.passed_on, mood.tone, mood.satisfied, mood.praised,
    steering.kpi_changed, steering.effect_known, steering.spiked,
)  # fmt: skip


def sentences(looked: Looked) -> list[Sentence]:
    """The sentences about a week: all rules asked, the best chosen."""
    return chosen([one for rule in RULES if (one := rule(looked)) is not None])


def chosen(said: Sequence[Sentence], count: int = SENTENCES) -> list[Sentence]:
    """The weightiest in the order of their weight, one of a group. If all that is good fell out, the weightiest good
    one takes the last place; likewise all that is bad."""
    ordered = sorted(said, key=lambda one: (-one.weight, one.group))
    once = [one for at, one in enumerate(ordered) if one.group not in {before.group for before in ordered[:at]}]
    kept = once[:count]
    for side in (False, True):
        best = next((one for one in once if one.is_good is side), None)
        if best is not None and len(kept) == count and not any(one.is_good is side for one in kept):
            kept = [*kept[:-1], best]
    return kept
