"""Which person of a team: who is there, has room, speaks the language, knows the customer or the topic."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf.locale import LANG_INFO

LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class Candidate:
    """A team member as routing sees them now. `open_count` grows as a batch is handed out."""

    id: uuid.UUID
    name: str
    is_online: bool
    capacity: int
    open_count: int
    languages: frozenset[str] = field(default_factory=frozenset)
    topics: frozenset[str] = field(default_factory=frozenset)
    last_given_at: dt.datetime = LONG_AGO

    @property
    def has_room(self) -> bool:
        """Whether one more fits."""
        return self.open_count < self.capacity

    @property
    def load(self) -> float:
        """Share of capacity in use."""
        return self.open_count / self.capacity if self.capacity else 1.0


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
    knows_customer: uuid.UUID | None = None,
    not_again: frozenset[uuid.UUID] = frozenset(),
) -> Choice:
    """The best-fit person. Nobody is better than somebody who is away or full: then the team has it, and the
    assignment is tried again when people come online or finish something."""
    if not candidates:
        return Choice(None, "the team has nobody yet")
    online = [one for one in candidates if one.is_online and one.id not in not_again]
    if not online:
        return Choice(None, "nobody of the team is online; it is assigned when somebody comes")
    free = [one for one in online if one.has_room]
    if not free:
        return Choice(None, "everybody online has their hands full; it is assigned when somebody has room")
    speaking = [one for one in free if language in one.languages]
    pool = speaking or free
    best = min(
        pool,
        key=lambda one: (
            one.id != knows_customer,
            topic not in one.topics,
            round(one.load, 2),
            one.last_given_at,
            one.name,
        ),
    )
    return Choice(
        best, _because(best, language=language, topic=topic, speaks=bool(speaking), known=best.id == knows_customer)
    )


def _because(best: Candidate, *, language: str, topic: str, speaks: bool, known: bool) -> str:
    reasons = []
    if known:
        reasons.append("knows this customer")
    if speaks and language:
        reasons.append(f"speaks {language_name(language)}")
    if topic and topic in best.topics:
        reasons.append(f"knows about {topic.replace('_', ' ')}")
    reasons.append(f"has room ({best.open_count} of {best.capacity})")
    listed = reasons[0] if len(reasons) == 1 else f"{', '.join(reasons[:-1])} and {reasons[-1]}"
    return f"{best.name} {listed}"


def language_name(code: str) -> str:
    """The English name of a language, or its code."""
    return LANGUAGES.get(code) or str(LANG_INFO.get(code, {}).get("name", code))


LANGUAGES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "th": "Thai", "tr": "Turkish",
    "zh": "Chinese",
}  # fmt: skip
