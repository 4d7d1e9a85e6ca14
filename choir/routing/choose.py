"""Which person of a team: who is there, has room, speaks the language, knows the customer or the topic."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf.locale import LANG_INFO

LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


ALIKE = 0.25  # shares of capacity in use that differ by no more are about the same room: then fairness decides


@dataclass(slots=True)
class Candidate:
    """A team member as routing sees them now. What they hold and were given are weights (`choir.routing.load`), not
    counts; both grow as a batch is handed out."""

    id: uuid.UUID
    name: str
    is_online: bool
    capacity: int
    held: float = 0.0
    given: float = 0.0  # by routing, in the last day
    languages: frozenset[str] = field(default_factory=frozenset)
    topics: frozenset[str] = field(default_factory=frozenset)
    last_given_at: dt.datetime = LONG_AGO

    def has_room(self, weight: float = 1.0) -> bool:
        """Whether one of that weight fits. Somebody with empty hands takes any, however heavy."""
        return self.capacity > 0 and (self.held <= 0 or self.held + weight <= self.capacity)

    @property
    def load(self) -> float:
        """Share of capacity in use."""
        return self.held / self.capacity if self.capacity else 1.0

    @property
    def turn(self) -> float:
        """How much they were given lately, for what they can hold: whoever has least is next."""
        return self.given / self.capacity if self.capacity else 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Who, and why, as the end of a sentence."""

    candidate: Candidate | None
    because: str


def choose(
    candidates: Sequence[Candidate],
    *,
    language: str,
    topic: str,
    weight: float = 1.0,
    knows_customer: uuid.UUID | None = None,
    not_again: frozenset[uuid.UUID] = frozenset(),
) -> Choice:
    """The best-fit person: of those with room who speak the language, whoever knows the customer, else the topic, else
    has most room; where several have about as much, whoever was given least in the last day. Nobody is better than
    somebody who is away or full: then the team has it, and the assignment is tried again when people come online or
    finish something."""
    if not candidates:
        return Choice(None, "the team has nobody yet")
    if not any(one.capacity for one in candidates):
        return Choice(None, "nobody of the team is given work by itself; somebody takes it")
    online = [one for one in candidates if one.is_online]
    if not online:
        return Choice(None, "nobody of the team is online; it is assigned when somebody comes")
    fresh = [one for one in online if one.id not in not_again]
    if not fresh:
        return Choice(None, "everybody online had it before and left it; the team has it")
    free = [one for one in fresh if one.has_room(weight)]
    if not free:
        return Choice(None, "everybody online has their hands full; it is assigned when somebody has room")
    speaking = [one for one in free if language in one.languages]
    pool = speaking or free
    known = next((one for one in pool if one.id == knows_customer), None)
    fitting = [known] if known else [one for one in pool if topic in one.topics] or pool
    lightest = min(one.load for one in fitting)
    alike = [one for one in fitting if one.load <= lightest + ALIKE]
    best = min(alike, key=lambda one: (round(one.turn, 3), one.load, one.last_given_at, one.name))
    reasons = ["knows this customer"] if known else []
    reasons += [f"speaks {language_name(language)}"] if speaking and language else []
    reasons += [f"knows about {topic.replace('_', ' ')}"] if topic and topic in best.topics else []
    reasons.append(f"has room ({best.held:.3g} of {best.capacity})")
    if any(one.turn > best.turn for one in alike):
        reasons.append("was given least today")
    listed = reasons[0] if len(reasons) == 1 else f"{', '.join(reasons[:-1])} and {reasons[-1]}"
    return Choice(best, f"{best.name} {listed}{_missed(candidates, best, knows_customer)}")


def _missed(candidates: Sequence[Candidate], best: Candidate, knows_customer: uuid.UUID | None) -> str:
    """Why it is not whoever knows the customer."""
    known = next((one for one in candidates if one.id == knows_customer), None)
    if known is None or known is best:
        return ""
    return f" ({known.name}, who knows this customer, {'is busy' if known.is_online else 'is away'})"


def language_name(code: str) -> str:
    """The English name of a language, or its code; "und" is what no language could be told of."""
    if code == "und":
        return "Unknown"
    return LANGUAGES.get(code) or str(LANG_INFO.get(code, {}).get("name", code))


LANGUAGES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "th": "Thai", "tr": "Turkish",
    "zh": "Chinese",
}  # fmt: skip
