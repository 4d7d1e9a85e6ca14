"""Who may hear of what: the same rule as `Conversation.visible_to`, asked of a notice instead of a row."""

from __future__ import annotations

import uuid

from django.db.models import Q

from choir.inbox.models import Participant
from choir.people.models import Person
from choir.people.policy import Permission, Reach

LISTENING = frozenset({"mentions", "spikes"})  # what was said in public, and that it is unusually much


class Hearing:
    """What one person may hear of in one workspace, as it stood when it was read; `read` reads it again, so that a
    role taken away stops the stream's news within a heartbeat. `is_over` once nothing may be heard at all."""

    def __init__(self, person_id: uuid.UUID, workspace_id: uuid.UUID) -> None:
        self.person_id, self.workspace_id = person_id, workspace_id
        self.reach = Reach.NOTHING
        self.departments: frozenset[str] = frozenset()
        self.takes_part_in: frozenset[str] = frozenset()
        self.hears_listening = False

    @property
    def is_over(self) -> bool:
        """Whether the person may hear of nothing here (any more)."""
        return self.reach is Reach.NOTHING

    def read(self) -> None:
        """Read roles, departments and conversations they were brought into."""
        person = Person.objects.filter(pk=self.person_id, is_active=True).first()
        if person is None:
            self.reach = Reach.NOTHING
            return
        access = person.access
        self.reach = access.reach(Permission.CONVERSATION_READ, self.workspace_id)
        self.hears_listening = access.reach(Permission.LISTENING_READ, self.workspace_id) is Reach.WORKSPACE
        self.departments = frozenset(str(department) for department in access.department_ids)
        if self.reach is not Reach.WORKSPACE:
            rows = Participant.objects.filter(Q(person=person) | Q(department_id__in=access.department_ids))
            rows = rows.filter(workspace=self.workspace_id).order_by("-since")
            self.takes_part_in = frozenset(str(row) for row in rows.values_list("conversation", flat=True)[:10_000])

    def may_hear(self, notice: dict[str, str]) -> bool:
        """Whether a notice is about something the person may see."""
        if notice.get("what") == "again":
            return True
        if notice.get("workspace") != str(self.workspace_id) or self.is_over:
            return False
        if notice.get("what") in LISTENING:
            return self.hears_listening
        if self.reach is Reach.WORKSPACE:
            return True
        if self.reach is Reach.DEPARTMENT and notice.get("department") in self.departments:
            return True
        return notice.get("assignee") == str(self.person_id) or notice.get("conversation") in self.takes_part_in
