"""Whether a rule applies: pure decisions. All conditions of a rule must hold; within one, any of its values."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

URGENCIES = ("can wait", "normal", "soon", "at once")


@dataclass(frozen=True, slots=True)
class Situation:
    """What rules look at: a conversation as it arrives."""

    text: str  # everything the customer said in it
    objective: str = ""
    sentiment: str = ""
    language: str = ""
    urgency: int = 0
    channel: str = ""  # the channel's id
    labels: frozenset[str] = frozenset()  # labels' ids
    is_vip: bool = False
    is_private: bool = False
    has_personal_data: bool = False
    followers: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its kind, and the values of which one must be met."""

    kind: str
    values: tuple[str, ...]

    def met(self, situation: Situation) -> str | None:
        """The words that meet it, for the reason; None when it does not hold."""
        return KINDS[self.kind](self.values, situation)


@dataclass(frozen=True, slots=True)
class Insisting:
    """A rule as routing reads it."""

    id: uuid.UUID
    name: str
    conditions: tuple[Condition, ...]
    department_id: uuid.UUID | None
    team_id: uuid.UUID | None
    urgency_at_least: int | None
    decision_id: uuid.UUID | None = None
    decision_number: int | None = None

    def met(self, situation: Situation) -> list[str] | None:
        """What meets each condition, or None. A rule without conditions never applies."""
        found = [one.met(situation) for one in self.conditions]
        if not found or None in found:
            return None
        return [one for one in found if one]


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules say of one situation: the rule that decides the department, if any, what met it, and how urgent
    it is at least."""

    rule: Insisting | None = None
    met: tuple[str, ...] = ()
    urgency: int = 0
    urgent: Insisting | None = None
    applied: tuple[uuid.UUID, ...] = field(default=())


def ruled(rules: Iterable[Insisting], situation: Situation) -> Ruled:
    """Ask rules in order until one names a department; those before it may only make it more urgent."""
    urgency, urgent, applied = 0, None, []
    for rule in rules:
        met = rule.met(situation)
        if met is None:
            continue
        applied.append(rule.id)
        if (rule.urgency_at_least or 0) > urgency:
            urgency, urgent = rule.urgency_at_least or 0, rule
        if rule.department_id is not None:
            return Ruled(rule, tuple(met), urgency, urgent, tuple(applied))
    return Ruled(None, (), urgency, urgent, tuple(applied))


def phrase_in(phrases: Sequence[str], text: str) -> str | None:
    """The first phrase that stands in the text as whole words, whatever its case; "*" at its end allows endings."""
    level = levelled(text)
    for phrase in phrases:
        wanted = levelled(phrase.rstrip("*"))
        if not wanted.strip():
            continue
        if (wanted.rstrip() if phrase.endswith("*") else wanted) in level:
            return phrase.rstrip("*")
        # Scripts without spaces between words: a phrase may stand anywhere.
        if not wanted.isascii() and _has_no_spaces(wanted) and wanted.strip() in level:
            return phrase
    return None


def levelled(text: str) -> str:
    """Lower case; anything but letters, digits and “#” as one space; a space at both ends."""
    letters = "".join(letter if letter.isalnum() or letter == "#" else " " for letter in text.casefold())
    return f" {' '.join(letters.split())} "


def _has_no_spaces(text: str) -> bool:
    return any("\u0e00" <= letter <= "\u0e7f" or "\u3040" <= letter <= "\u9fff" for letter in text)


def _words(values: Sequence[str], situation: Situation) -> str | None:
    found = phrase_in(values, situation.text)
    return None if found is None else f"it says “{found}”"


def _one_of(attribute: str, words: str) -> Callable[[Sequence[str], Situation], str | None]:
    def met(values: Sequence[str], situation: Situation) -> str | None:
        value = str(getattr(situation, attribute))
        return words.format(value.replace("_", " ")) if value in values else None

    return met


def _at_least(attribute: str, words: str) -> Callable[[Sequence[str], Situation], str | None]:
    def met(values: Sequence[str], situation: Situation) -> str | None:
        least = min((int(value) for value in values if value.isdecimal()), default=None)
        value = int(getattr(situation, attribute))
        return words.format(f"{value:,}") if least is not None and value >= least else None

    return met


def _is(attribute: str, yes: str, no: str = "") -> Callable[[Sequence[str], Situation], str | None]:
    def met(values: Sequence[str], situation: Situation) -> str | None:
        value = bool(getattr(situation, attribute))
        return (yes if value else no) if ("yes" if value else "no") in values else None

    return met


def _labels(values: Sequence[str], situation: Situation) -> str | None:
    return "it carries the label" if situation.labels.intersection(values) else None


KINDS: Mapping[str, Callable[[Sequence[str], Situation], str | None]] = {
    "words": _words,
    "objective": _one_of("objective", "it reads as {}"),
    "sentiment": _one_of("sentiment", "its mood is {}"),
    "language": _one_of("language", "it is in {}"),
    "channel": _one_of("channel", "it came on that channel"),
    "label": _labels,
    "vip": _is("is_vip", "the customer is a VIP", "the customer is no VIP"),
    "private": _is("is_private", "it is a direct message", "it is public"),
    "personal": _is("has_personal_data", "it has personal data", "it has no personal data"),
    "urgency": _at_least("urgency", "its urgency is {}"),
    "followers": _at_least("followers", "the customer has {} followers"),
}


def conditions_of(kept: Any) -> tuple[Condition, ...]:
    """Conditions from a rule's JSON; what this version does not know makes the rule apply to nothing."""
    if not isinstance(kept, list):
        return ()
    found = []
    for one in kept:
        if not isinstance(one, dict) or one.get("kind") not in KINDS or not isinstance(one.get("values"), list):
            return ()
        found.append(Condition(one["kind"], tuple(str(value) for value in one["values"])))
    return tuple(found)
