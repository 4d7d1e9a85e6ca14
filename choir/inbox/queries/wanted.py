"""Which conversations are asked for, and the pieces in which the database can walk them in order.

What a person may see is a union: their departments' conversations, those assigned to them, those they were brought
into. As one condition with ORs no index gives it in order, and a list gets slower as history grows. Walked piece by
piece, each piece is a stretch of one index; the pieces are put together afterwards.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Q

from choir.inbox.models import Conversation, Participant, State
from choir.inbox.models.conversation import ConversationQuerySet
from choir.people.models import Person
from choir.people.policy import Permission, Reach


class Whose(StrEnum):
    """Out of what a person may see: all of it, their departments', or what is assigned to them."""

    ANYBODYS = "anybodys"
    DEPARTMENTS = "departments"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One question to the inbox: states (none: every), whose, and further conditions, all of which must hold."""

    workspace_id: uuid.UUID
    states: tuple[State, ...] = ()
    whose: Whose = Whose.ANYBODYS
    conditions: tuple[Q, ...] = ()
    permission: Permission = field(default=Permission.CONVERSATION_READ)

    def narrowed(self, *conditions: Q) -> Wanted:
        """The same question with more conditions."""
        return Wanted(self.workspace_id, self.states, self.whose, (*self.conditions, *conditions), self.permission)


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a person sees where something is wanted, and by what."""

    person_id: uuid.UUID
    reach: Reach
    departments: tuple[uuid.UUID, ...]


def sight(wanted: Wanted, person: Person) -> Sight:
    """How far this person sees what is wanted."""
    access = person.access
    reach = access.reach(wanted.permission, wanted.workspace_id)
    return Sight(person.pk, reach, tuple(sorted(access.department_ids)))


def pieces(wanted: Wanted, seen: Sight, *, apart: bool = True) -> list[ConversationQuerySet]:
    """Querysets without order whose union is what is wanted and visible, in whatever state. Apart they do not overlap,
    as counting needs; walking in order is quicker where they may, since nothing on the way is then passed over."""
    return [
        Conversation.objects.filter(scope, *wanted.conditions, workspace_id=wanted.workspace_id)
        for scope in _scopes(wanted.whose, seen, apart=apart)
    ]


def states_one_by_one(wanted: Wanted, seen: Sight) -> tuple[State, ...]:
    """The states by which each piece is cut further, so that each cut is a stretch of an index; none where an index
    without the state gives the order."""
    if not wanted.states and seen.reach is Reach.WORKSPACE and wanted.whose is Whose.ANYBODYS:
        return ()
    return wanted.states or tuple(State)


def visible(wanted: Wanted, person: Person) -> ConversationQuerySet:
    """The same rows as one queryset, for what needs no order."""
    rows = Conversation.objects.visible_to(person, wanted.permission).filter(workspace_id=wanted.workspace_id)
    if wanted.states:
        rows = rows.filter(state__in=wanted.states)
    if wanted.whose is Whose.MINE:
        rows = rows.filter(assignee=person)
    elif wanted.whose is Whose.DEPARTMENTS:
        rows = rows.filter(department_id__in=person.access.department_ids)
    return rows.filter(*wanted.conditions)


def _scopes(whose: Whose, seen: Sight, *, apart: bool) -> Iterable[Q]:
    if seen.reach is Reach.NOTHING:
        return []
    assigned = Q(assignee=seen.person_id)
    if whose is Whose.MINE:
        return [assigned]
    if whose is Whose.DEPARTMENTS:
        owned = [Q(department_id=department) for department in seen.departments]
        return owned if seen.reach >= Reach.DEPARTMENT else _own(seen)
    if seen.reach is Reach.WORKSPACE:
        return [Q()]
    if seen.reach is Reach.DEPARTMENT:
        elsewhere = ~Q(department_id__in=seen.departments) if apart else Q()
        owned = [Q(department_id=department) for department in seen.departments]
        return [*owned, elsewhere & assigned, elsewhere & _brought_in(seen)]
    return [assigned, _brought_in(seen)]


def _own(seen: Sight) -> Iterable[Q]:
    """Those of their departments that somebody who sees only their own may see."""
    in_department = Q(department_id__in=seen.departments)
    return [in_department & Q(assignee=seen.person_id), in_department & _brought_in(seen)]


def _brought_in(seen: Sight) -> Q:
    """What the person was brought into and is not assigned."""
    taking_part = Participant.objects.filter(Q(person=seen.person_id) | Q(department_id__in=seen.departments))
    return Q(pk__in=taking_part.values("conversation")) & ~Q(assignee=seen.person_id)
