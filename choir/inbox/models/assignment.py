"""Assignment: who had a conversation, since when and why. Handover: one department gave it to another."""

from django.db import models
from django.db.models import Q

from choir.ids import new_id
from choir.inbox.models.conversation import Conversation
from choir.people.models import Department, Person, Team, Workspace
from choir.routing.models import Ownership


class Assignment(models.Model):
    """One stretch of time in which a department, a team and perhaps a person had a conversation, and the reason
    in a sentence. The one without an end is the present one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: routing did.",
    )
    because = models.TextField()
    parts = models.JSONField(default=list, help_text="The reason's parts: words, what they speak of, its id.")
    ownership = models.ForeignKey(
        Ownership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The matrix cell and version used.",
    )
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "conversation"],
                condition=Q(ended_at=None),
                name="assignment_one_present",
            )
        ]
        indexes = [
            models.Index(fields=["conversation", "at"], name="assignment_history"),
            models.Index(fields=["person", "at"], name="assignment_given", condition=Q(person__isnull=False, by=None)),
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.person or 'unassigned'}"


class Handover(models.Model):
    """One department gave a conversation to another, with a reason: the raw material of learning."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="handovers")
    from_department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    to_department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    because = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"], name="handover_history")]

    def __str__(self) -> str:
        return f"{self.from_department} → {self.to_department}"
