"""The sentence on every routed conversation: what it reads as, who owns that, and why this person. It is kept whole,
for the record, and in parts, so that a page can make each part a link to what it speaks of."""

from __future__ import annotations

import uuid

from choir.inbox.models import Conversation
from choir.inbox.reasons import Part, Parts, and_then
from choir.routing.choose import Choice
from choir.routing.decide import Cell
from choir.routing.rules.decide import Ruled
from choir.triage.models import Reading

WORDS_SHOWN = 3


def reads_as(reading: Reading) -> str:
    """“care: delivery (0.91: “still waiting”, “three weeks”)”"""
    topic = f": {words(reading.topic)}" if reading.topic else ""
    evidence = ", ".join(f"“{one}”" for one in reading.words.get("objective", [])[:WORDS_SHOWN])
    confidence = f"{reading.objective_confidence:.2f}" + (f": {evidence}" if evidence else "")
    return f"{words(reading.objective)}{topic} ({confidence})"


def ownership_part(cell: Cell, department: str) -> Part:
    """“Operations owns care about delivery in German since 3 March 2026 (version 2)”"""
    scope = f" {cell.scope_words}" if cell.scope_words else ""
    since = f"{cell.effective_from.day} {cell.effective_from:%B %Y}"
    said = f"{department} owns {words(cell.objective)}{scope} since {since} (version {cell.version})"
    return Part(said, "cell", str(cell.id))


def rule_part(ruled: Ruled, team: str) -> Part:
    """“the rule “Legal words” gives it to Legal, because it says “lawyer””"""
    assert ruled.rule is not None
    met = " and ".join(ruled.met)
    return Part(f"the rule “{ruled.rule.name}” gives it to {team}, because {met}", "rule", str(ruled.rule.id))


def decision_part(number: int | None, pk: uuid.UUID | None) -> Part | None:
    """That the committee decided it so: “decision 14”; None where nobody did."""
    return Part(f"decision {number}", "decision", str(pk)) if number and pk else None


def person_part(choice: Choice, team_id: uuid.UUID) -> Part:
    """Why this person of a team, or why nobody yet."""
    if choice.candidate is None:
        return Part(choice.because, "team", str(team_id))
    return Part(choice.because, "person", str(choice.candidate.id))


def returned_part(words: str, conversation: Conversation) -> Part:
    """That nobody touched it in time, with whoever had it."""
    if conversation.assignee_id is not None:
        return Part(words, "person", str(conversation.assignee_id))
    return Part(words, "team", str(conversation.team_id))


def here_because(
    reading: Reading,
    ownership: Part,
    person: Part,
    *,
    decided: Part | None = None,
    piloted: Part | None = None,
    urgent: Part | None = None,
    pressing: Part | None = None,
) -> Parts:
    """The whole sentence, in parts; `decided` is the committee's decision behind the ownership or the rule, `piloted`
    what a pilot made of it; `urgent` and `pressing` are what made it urgent."""
    parts = [
        Part("Here because it reads as "),
        Part(reads_as(reading), "reading", str(reading.pk)),
        Part(", "),
        ownership,
    ]
    if decided is not None:
        parts += [Part(", by "), decided]
    if piloted is not None:
        parts += [Part(", and "), piloted]
    parts += [part for one in (urgent, pressing) if one is not None for part in (Part(", "), one)]
    return and_then(parts, person)


def words(slug: str) -> str:
    """A slug as words."""
    return slug.replace("_", " ")
