"""A reason in parts, each of which may speak of something a page links to; and how one stretch's reason goes on in the
next: why a department has a conversation stays said, whoever of it has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from choir.inbox.models import Assignment


class Part(NamedTuple):
    """Some words of the sentence, and what they speak of: a reading, a cell, a rule, a decision, a pilot, a
    person, a team, a department, a customer, an objective that nobody owns, or nothing."""

    words: str
    about: str = ""
    id: str = ""


Parts = list[Part]


def and_then(before: Sequence[Part], last: Part) -> Parts:
    """The sentence that ends with `last`: why this person, or what happened next."""
    return [*before, Part(", and "), last, Part(".")] if before else [last, Part(".")]


def why_there(present: Assignment | None) -> Parts:
    """Of the reason of a stretch, why its department has it: without its end, which is about a person; or, where
    somebody gave it there by hand, their words."""
    if present is None:
        return []
    if present.parts:
        return [Part(*part) for part in present.parts[:-3]]
    return [Part(present.because.rstrip("."))] if present.by_id else []


def sentence(parts: Sequence[Part]) -> str:
    """The parts as one sentence."""
    return "".join(one.words for one in parts)
