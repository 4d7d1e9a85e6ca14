"""What a person may see, for questions that are prepared: the same as `Conversation.objects.visible_to`, with the
person's standing as values, so that one statement serves everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q

from choir.inbox.models import Participant
from choir.people.models import Person
from choir.people.policy import Permission, Reach
from choir.prepared import Slot, one_of


def seen(whole: Slot, owned: Slot, own: Slot, departments: Slot, person: Slot) -> Q:
    """The condition on conversations: all of some workspaces, the person's departments' in some, and what they were
    brought into in some."""
    takes_part = Participant.objects.filter(conversation=OuterRef("pk")).filter(
        Q(person=person) | Q(one_of("department_id", departments))
    )
    of_departments = Q(one_of("workspace_id", owned)) & Q(one_of("department_id", departments))
    brought_in = Q(one_of("workspace_id", own)) & (Q(assignee=person) | Q(Exists(takes_part)))
    return Q(one_of("workspace_id", whole)) | of_departments | brought_in


def sight_of(person: Person, permission: Permission = Permission.CONVERSATION_READ) -> Mapping[str, Any]:
    """The values of `seen` for a person."""
    access = person.access
    whole = access.workspaces(permission, Reach.WORKSPACE)
    return {
        "whole": whole,
        "owned": [one for one in access.workspaces(permission, Reach.DEPARTMENT) if one not in whole],
        "own": [one for one in access.workspaces(permission, Reach.OWN) if one not in whole],
        "departments": list(access.department_ids),
        "person": person.pk,
    }
