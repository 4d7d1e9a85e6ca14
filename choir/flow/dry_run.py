"""Dry run: what rules would have caught of past conversations, decided by the code that routes. Nothing changes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from choir.flow.situations import situations_of
from choir.inbox.models import Conversation
from choir.people.models import Workspace
from choir.routing.rules.decide import Insisting

LOOKED_AT_MOST = 2000
CHUNK = 500
EXAMPLES = 8
ALWAYS = 0.8  # a rule that catches more than this of everything is rather the matrix's business


@dataclass(frozen=True, slots=True)
class Caught:
    """One conversation that a rule would have caught, with what met it."""

    id: uuid.UUID
    excerpt: str
    met: tuple[str, ...]
    department_id: uuid.UUID | None


@dataclass
class Fired:
    """What one rule would have done."""

    looked_at: int = 0
    count: int = 0  # caught by it, rules above having had their say
    shadowed: int = 0  # meets its conditions, but a rule above sends it elsewhere first
    moved: int = 0  # of those caught, how many were with another department
    from_departments: Counter[uuid.UUID | None] = field(default_factory=Counter)
    examples: list[Caught] = field(default_factory=list)

    @property
    def warning(self) -> str:
        """Why the rule is probably not what was meant; empty where nothing is odd."""
        if not self.looked_at:
            return ""
        if not self.count and self.shadowed:
            return "It never applies: rules above it catch everything that it would."
        if not self.count:
            return f"It never applies: none of the last {self.looked_at} conversations meets it."
        if self.count >= ALWAYS * self.looked_at:
            return f"It nearly always applies: to {self.count} of the last {self.looked_at} conversations."
        return ""


def dry_run(workspace: Workspace, rules: Sequence[Insisting], *, since: dt.datetime) -> dict[uuid.UUID, Fired]:
    """Ask all rules, in their order, of the workspace's newest conversations: a few queries per 500."""
    fired = {one.id: Fired() for one in rules}
    rows = Conversation.objects.filter(workspace=workspace, first_inbound_at__gte=since, reading__isnull=False)
    newest = list(rows.select_related("reading").order_by("-last_message_at", "-id")[:LOOKED_AT_MOST])
    for begin in range(0, len(newest), CHUNK):
        batch = newest[begin : begin + CHUNK]
        situations = situations_of(batch, {one.pk: one.reading for one in batch if one.reading is not None})
        for conversation in batch:
            decided = False
            for rule in rules:
                seen = fired[rule.id]
                seen.looked_at += 1
                met = rule.met(situations[conversation.pk])
                if met is None:
                    continue
                if decided:
                    seen.shadowed += 1
                    continue
                _count(seen, rule, conversation, met)
                decided = rule.department_id is not None
    return fired


def _count(seen: Fired, rule: Insisting, conversation: Conversation, met: list[str]) -> None:
    seen.count += 1
    if rule.department_id is not None and conversation.department_id != rule.department_id:
        seen.moved += 1
        seen.from_departments[conversation.department_id] += 1
    if len(seen.examples) < EXAMPLES:
        caught = Caught(conversation.pk, conversation.excerpt, tuple(met), conversation.department_id)
        seen.examples.append(caught)
