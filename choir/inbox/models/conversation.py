"""Conversation: everything one customer and we said to each other in one thread, with one owner at a time."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from choir.channels.models import Channel
from choir.customers.models import Customer
from choir.ids import new_id
from choir.people.models import Department, Person, Team, Workspace
from choir.people.policy import Permission, Reach
from choir.prepared import Slot, one_of, prepared
from choir.routing.models import Objective
from choir.triage.models import Reading


class State(models.TextChoices):
    """Where a conversation stands."""

    ARRIVING = "arriving", "Arriving"  # heard, not yet routed; nobody's work until it is
    OPEN = "open", "Open"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"
    NOTED = "noted", "Noted"  # kept for insight, in nobody's queue


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, person: Person, permission: Permission = Permission.CONVERSATION_READ) -> ConversationQuerySet:
        """What this person may see: all of a workspace, or their departments', or where they were brought in."""
        access = person.access
        whole = access.workspaces(permission, Reach.WORKSPACE)
        departments = access.workspaces(permission, Reach.DEPARTMENT)
        own = access.workspaces(permission, Reach.OWN)
        takes_part = Participant.objects.filter(conversation=OuterRef("pk")).filter(
            Q(person=person) | Q(department_id__in=access.department_ids)
        )
        allowed = Q(workspace_id__in=whole)
        if set(departments) - set(whole):
            allowed |= Q(workspace_id__in=departments, department_id__in=access.department_ids)
        if set(own) - set(whole):
            allowed |= Q(workspace_id__in=own) & (Q(assignee=person) | Q(Exists(takes_part)))
        return self.filter(allowed)

    def open(self) -> ConversationQuerySet:
        """Somebody's work now."""
        return self.filter(state=State.OPEN)

    def overdue(self, at: dt.datetime) -> ConversationQuerySet:
        """Open, and a clock has run out."""
        return self.open().filter(due_at__lt=at)

    def arriving(self) -> ConversationQuerySet:
        """Heard, not yet routed."""
        return self.filter(state=State.ARRIVING)

    def unassigned(self) -> ConversationQuerySet:
        """Open with a team, but with no person yet."""
        return self.open().filter(assignee=None)


class Conversation(models.Model):
    """One thread with one customer. `revision` grows with everything a reply must have seen; a reply written
    against an older revision is refused."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="conversations")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="conversations", db_index=False)
    thread_key = models.CharField(max_length=300, help_text="The network's id of the thread, or of its first item.")
    is_private = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ARRIVING)
    state_at = models.DateTimeField(default=timezone.now)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    # Routing's outcome; every open conversation has a department and a team.
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reading = models.ForeignKey(Reading, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="conversations"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="conversations")
    assignee = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations", db_index=False
    )
    is_unsure = models.BooleanField(default=False, help_text="Triage was unsure; the sorting team decides.")
    return_at = models.DateTimeField(null=True, blank=True, help_text="Untouched until then, it moves on by itself.")
    # What lists show, kept here so that a list reads one table.
    excerpt = models.CharField(max_length=240, blank=True, help_text="First words of the last inbound message.")
    language = models.CharField(max_length=8, blank=True)
    sentiment = models.CharField(max_length=8, blank=True)
    urgency = models.PositiveSmallIntegerField(default=0)
    messages_count = models.PositiveIntegerField(default=0)
    first_inbound_at = models.DateTimeField(null=True, blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    last_outbound_at = models.DateTimeField(null=True, blank=True)
    last_message_at = models.DateTimeField(default=timezone.now)
    waiting_since = models.DateTimeField(null=True, blank=True, help_text="The customer waits for us since then.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="The next clock to run out.")
    has_problem = models.BooleanField(default=False, help_text="An answer could not be delivered.")
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel", "thread_key"], name="conversation_once_per_thread"),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(department__isnull=False, team__isnull=False),
                name="open_conversation_has_an_owner",
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False), name="snooze_has_an_end"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "-last_message_at", "-id"], name="conversation_list"),
            models.Index(fields=["workspace", "-last_message_at", "-id"], name="conversation_all"),
            models.Index(
                fields=["workspace", "department", "state", "-last_message_at", "-id"],
                name="conversation_department",
            ),
            models.Index(fields=["assignee", "state", "-last_message_at", "-id"], name="conversation_assignee"),
            models.Index(fields=["customer", "-last_message_at"], name="conversation_by_customer"),
            models.Index(fields=["id"], condition=Q(state="arriving"), name="conversation_arriving"),
            models.Index(
                fields=["return_at"],
                condition=Q(state="open", return_at__isnull=False),
                name="conversation_return",
            ),
            models.Index(fields=["snoozed_until"], condition=Q(state="snoozed"), name="conversation_snoozed"),
            models.Index(
                fields=["workspace", "due_at", "id"], condition=Q(due_at__isnull=False), name="conversation_due"
            ),
            models.Index(
                fields=["workspace", "-last_message_at"], condition=Q(has_problem=True), name="conversation_problems"
            ),
            models.Index(fields=["workspace", "objective", "-last_message_at"], name="conversation_objective"),
            models.Index(fields=["workspace", "language", "-last_message_at"], name="conversation_language"),
        ]

    def __str__(self) -> str:
        return self.excerpt or f"Conversation {self.pk}"

    def is_own(self, person: Person) -> bool:
        """Whether the person is its assignee or was brought in."""
        if self.assignee_id == person.pk:
            return True
        departments = list(person.access.department_ids)
        return bool(_brought_in(conversation=self.pk, person=person.pk, departments=departments))

    def allows(self, person: Person, permission: Permission) -> bool:
        """Whether policy lets the person do this here."""
        allowed = person.access.allows(permission, workspace_id=self.workspace_id, department_id=self.department_id)
        return allowed or person.access.allows(
            permission,
            workspace_id=self.workspace_id,
            department_id=self.department_id,
            own=self.is_own(person),
        )

    def require(self, person: Person, permission: Permission) -> None:
        """Refuse with NotAllowedError unless `allows`."""
        if not self.allows(person, permission):
            person.access.require(permission, workspace_id=self.workspace_id, department_id=self.department_id)


class Participant(models.Model):
    """Somebody brought into a conversation of another department: consulted, mentioned, or handed it over and
    asked to keep following. A person or a whole department."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    because = models.CharField(max_length=120)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "conversation", "person", "department"],
                nulls_distinct=False,
                name="participant_once",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, department=None) | Q(person=None, department__isnull=False),
                name="participant_is_a_person_or_a_department",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "conversation"], name="participant_person"),
            models.Index(fields=["department", "conversation"], name="participant_department"),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.department}: {self.because}"


@prepared
def _brought_in(conversation: Slot, person: Slot, departments: Slot) -> models.QuerySet[Participant]:
    """Why a person takes part, themselves or through a department."""
    rows = Participant.objects.filter(conversation=conversation)
    return rows.filter(Q(person=person) | Q(one_of("department_id", departments)))[:1]
