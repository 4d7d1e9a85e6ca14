"""The reason a conversation is here, with each part a link to what it speaks of: the reading to its correction, the
cell to its place in the matrix, a rule to its page, a person and a team to theirs."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from choir.inbox.models import Assignment, Conversation

LEAD_IN = "Here because "


@dataclass(frozen=True, slots=True)
class Linked:
    """Some words, and where they lead; nowhere when empty."""

    words: str
    url: str = ""


def linked_reason(assignment: Assignment | None, conversation: Conversation, *, may_correct: bool) -> list[Linked]:
    """The parts of the present assignment's reason; one without links where it has none."""
    if assignment is None:
        return []
    parts = [part for part in assignment.parts if isinstance(part, list) and len(part) == 3]
    if not parts:
        return [Linked(assignment.because.removeprefix(LEAD_IN))]
    found = [Linked(str(said), _url(str(about), str(pk), conversation, may_correct)) for said, about, pk in parts]
    found[0] = Linked(found[0].words.removeprefix(LEAD_IN), found[0].url)
    return found


PAGES = {
    "decision": "committee_decision",
    "pilot": "ownership_pilot",
    "rule": "rules_rule",
    "person": "settings_person",
    "team": "settings_team",
    "department": "settings_department",
    "customer": "customer",
}


def _url(about: str, pk: str, conversation: Conversation, may_correct: bool) -> str:
    slug = conversation.workspace.slug
    if about == "reading" and may_correct:
        return reverse("conversation-correction", args=[slug, conversation.pk])
    if about in ("cell", "objective") and conversation.objective is not None:
        place = f"#cell-{pk}" if about == "cell" else ""
        return reverse("ownership_objective", args=[slug, conversation.objective.slug]) + place
    return reverse(PAGES[about], args=[slug, pk]) if about in PAGES else ""
