"""Clock: one promise running on one conversation."""

from django.db import models

from choir.ids import new_id
from choir.inbox.models.conversation import Conversation
from choir.people.models import Team, Workspace
from choir.routing.models import SLAPolicy


class ClockKind(models.TextChoices):
    """What is promised."""

    FIRST_RESPONSE = "first_response", "First response"
    RESOLUTION = "resolution", "Resolution"


class Clock(models.Model):
    """A promise: started, due, perhaps paused, stopped when kept. `spent_seconds` is counted time up to
    `counted_from`, so that a pause, a change of team or of policy keeps what was already spent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=16, choices=ClockKind.choices)
    policy = models.ForeignKey(SLAPolicy, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    allowed_seconds = models.PositiveIntegerField()
    hours = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    counted_from = models.DateTimeField(help_text="Time before this is in spent_seconds.")
    spent_seconds = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty while paused.")
    paused_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    is_met = models.BooleanField(null=True, help_text="Set when it stops: kept in time or not.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "conversation", "kind"], name="clock_once_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due_at}"
