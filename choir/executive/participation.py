"""How leaders take part, week by week: customers heard, kept, asked about, answered in person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from choir.executive.models import Attention, Brief
from choir.inbox.models import Consult, Message
from choir.people.models import Person, Workspace
from choir.people.policy import Role

Key = tuple[uuid.UUID, uuid.UUID]  # a leader, and a brief or a conversation
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Done:
    """What one leader did with the customers of one brief."""

    heard: int = 0
    kept: int = 0
    asked: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Participation:
    """Briefs, oldest first, and what each leader did with the customers of each."""

    briefs: Sequence[Brief]
    leaders: Sequence[Person]
    done: Mapping[Key, Done]

    def by_brief(self, leader: Person) -> list[Done]:
        """A leader's weeks, oldest first."""
        return [self.done.get((leader.pk, brief.pk), Done()) for brief in self.briefs]

    def total(self, leader: Person) -> Done:
        """All of a leader's weeks."""
        weeks = self.by_brief(leader)
        return Done(*(sum(getattr(one, name) for one in weeks) for name in ("heard", "kept", "asked", "answered")))


def participation(workspace: Workspace, *, weeks: int = WEEKS) -> Participation:
    """The newest briefs: five queries. Leaders are those who hold the role of an executive, and whoever else heard."""
    briefs = list(Brief.objects.filter(workspace=workspace).order_by("-last_on")[:weeks])[::-1]
    paid = Attention.objects.filter(hearing__brief__in=briefs)
    counted = paid.values("person_id", "hearing__brief_id").annotate(n=Count("pk"), kept=Count("starred_at"))
    read = {(one["person_id"], one["hearing__brief_id"]): (one["n"], one["kept"]) for one in counted}
    asked, answered = _spoken(briefs)
    done = {
        key: Done(*read.get(key, (0, 0)), asked=asked[key], answered=answered[key])
        for key in {*read, *asked, *answered}
    }
    grants = Q(role_grants__role=Role.EXECUTIVE) & (
        Q(role_grants__workspace=None) | Q(role_grants__workspace=workspace)
    )
    people = Person.objects.filter(grants | Q(pk__in={person for person, _ in read}), is_active=True)
    leaders = people.filter(organisation=workspace.organisation_id).distinct().order_by("name")
    return Participation(briefs, list(leaders), done)


def _spoken(briefs: Sequence[Brief]) -> tuple[Counter[Key], Counter[Key]]:
    """Questions asked, and answers given, by those who heard, in conversations that they heard, since the brief."""
    heard = Attention.objects.filter(hearing__brief__in=briefs)
    pairs = heard.values_list("person_id", "hearing__conversation_id", "hearing__brief_id", "read_at")
    since: dict[Key, tuple[uuid.UUID, dt.datetime]] = {
        (person, conversation): (brief, at) for person, conversation, brief, at in pairs
    }
    of = {conversation for _, conversation in since}
    consults = Consult.objects.filter(conversation__in=of).values_list("asked_by_id", "conversation_id", "asked_at")
    said = Message.objects.filter(conversation__in=of, direction="outbound", sent_at__isnull=False)
    return _counted(since, consults), _counted(since, said.values_list("person_id", "conversation_id", "at"))


def _counted(
    since: Mapping[Key, tuple[uuid.UUID, dt.datetime]],
    rows: Iterable[tuple[uuid.UUID | None, uuid.UUID, dt.datetime]],
) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for person, conversation, at in rows:
        known = since.get((person, conversation)) if person is not None else None
        if person is not None and known is not None and at >= known[1]:
            found[person, known[0]] += 1
    return found
