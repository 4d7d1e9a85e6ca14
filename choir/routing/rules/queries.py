"""Rules as plain values for the pure decisions, and in words for people."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db.models import QuerySet

from choir.prepared import Slot, one_of, prepared
from choir.routing.choose import language_name
from choir.routing.rules.decide import URGENCIES, Condition, Insisting, conditions_of
from choir.routing.rules.models import Rule


def rules_of(workspace_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, list[Insisting]]:
    """Each workspace's rules in force, in their order: one query."""
    found: dict[uuid.UUID, list[Insisting]] = defaultdict(list)
    for row in _in_force(workspaces=list(set(workspace_ids))):
        found[row.workspace_id].append(insisting(row))
    return found


@prepared
def _in_force(workspaces: Slot) -> QuerySet[Rule]:
    return Rule.objects.in_force().filter(one_of("workspace_id", workspaces))


def insisting(row: Rule) -> Insisting:
    """One rule as routing reads it."""
    return Insisting(
        id=row.pk,
        name=row.name,
        conditions=conditions_of(row.conditions),
        department_id=row.department_id,
        team_id=row.team_id,
        urgency_at_least=row.urgency_at_least,
        decision_id=row.decision_id,
        decision_number=row.decision_number,
    )


def in_words(conditions: Sequence[Condition], names: Mapping[str, str]) -> str:
    """Conditions as the middle of a sentence: “it says “lawyer” or “court”, and the customer is a VIP”. `names` are
    those of channels and labels, by their ids."""
    return ", and ".join(WORDS[one.kind](one.values, names) for one in conditions) or "nothing"


WORDS: Mapping[str, Callable[[Sequence[str], Mapping[str, str]], str]] = {
    "words": lambda values, _: f"it says {_or([f'“{one}”' for one in values])}",
    "objective": lambda values, _: f"it reads as {_or([one.replace('_', ' ') for one in values])}",
    "sentiment": lambda values, _: f"its mood is {_or(values)}",
    "language": lambda values, _: f"it is in {_or([language_name(one) for one in values])}",
    "channel": lambda values, names: f"it came on {_or([names.get(one, 'a channel that is gone') for one in values])}",
    "label": lambda values, names: f"it is labelled {_or([names.get(one, 'as nothing now') for one in values])}",
    "vip": lambda values, _: "the customer is a VIP" if "yes" in values else "the customer is no VIP",
    "private": lambda values, _: "it is a direct message" if "yes" in values else "it is public",
    "personal": lambda values, _: "it has personal data" if "yes" in values else "it has no personal data",
    "urgency": lambda values, _: f"it is at least “{URGENCIES[min(int(values[0]), 3)]}”",
    "followers": lambda values, _: f"the customer has at least {int(values[0]):,} followers",
}


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "nothing"
