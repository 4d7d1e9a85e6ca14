"""How conversations went, kept so that a figure is one read of one narrow table.

Everything here is derived: from the events, the messages and the clocks of a conversation (`course`), written by
`measure`, and made anew by `choir measure rebuild`. Nothing else writes it, and nothing is decided from it.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from choir.channels.models import Channel
from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.people.models import Department, Team, Workspace
from choir.routing.models import Objective


class Place(models.Model):
    """What every figure may be split by. Unindexed: figures read a stretch of time and narrow it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", db_index=False)
    objective = models.ForeignKey(
        Objective, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    language = models.CharField(max_length=8, blank=True)
    campaign = models.CharField(
        max_length=60, null=True, blank=True, help_text="Of the first tracked link given in it; empty: none."
    )

    class Meta:
        abstract = True


PLACE = ("conversation", "channel", "objective", "language")


class Course(Place):
    """How one conversation went so far. Place is where it is now; the first answer has a place of its own, because
    another department may have it since. Durations are whole seconds, once in all hours and once in the working hours
    of the team that had it; these are empty where no team had it."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="course")
    sentiment = models.CharField(max_length=8, blank=True)
    arrived_at = models.DateTimeField(help_text="The customer's first message.")
    needed_reply = models.BooleanField()
    is_handed_over = models.BooleanField(default=False)
    answers_count = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True, help_text="Our first answer after their first message.")
    answering_department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    answering_team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    first_response_seconds = models.PositiveIntegerField(null=True, blank=True)
    first_response_business_seconds = models.PositiveIntegerField(null=True, blank=True)
    first_resolved_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True, help_text="Opened again after it was first resolved.")
    resolved_at = models.DateTimeField(null=True, blank=True, help_text="Its last resolution, while it stands.")
    resolution_seconds = models.PositiveIntegerField(null=True, blank=True)
    resolution_business_seconds = models.PositiveIntegerField(null=True, blank=True)
    # A promise counts on the day it was kept, or ran out; one still running is dated ahead, and missed once past.
    response_promise_at = models.DateTimeField(null=True, blank=True)
    response_promise_is_met = models.BooleanField(null=True, blank=True)
    resolution_promise_at = models.DateTimeField(null=True, blank=True)
    resolution_promise_is_met = models.BooleanField(null=True, blank=True)
    measured_at = models.DateTimeField()

    class Meta:
        # Each index holds what the metrics dated by it read, so that a figure never touches the table.
        indexes = [
            models.Index(
                fields=["workspace", "arrived_at"],
                include=[*PLACE, "department", "needed_reply", "is_handed_over", "answers_count", "sentiment"],
                name="course_arrived",
            ),
            models.Index(
                fields=["workspace", "answered_at"],
                include=[
                    *PLACE, "answering_department", "first_response_seconds", "first_response_business_seconds",
                ],
                name="course_answered",
            ),
            models.Index(
                fields=["workspace", "resolved_at"],
                include=[
                    *PLACE, "department", "answers_count", "resolution_seconds", "resolution_business_seconds",
                ],
                name="course_resolved",
            ),
            models.Index(
                fields=["workspace", "first_resolved_at"],
                include=[*PLACE, "department", "reopened_at"],
                name="course_first_resolved",
            ),
            models.Index(
                fields=["workspace", "response_promise_at"],
                include=[*PLACE, "department", "response_promise_is_met"],
                name="course_response_promise",
            ),
            models.Index(
                fields=["workspace", "resolution_promise_at"],
                include=[*PLACE, "department", "resolution_promise_is_met"],
                name="course_resolution_promise",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.conversation_id}: arrived {self.arrived_at:%Y-%m-%d %H:%M}"


class Stretch(Place):
    """One stretch of time in which a conversation was one department's unfinished work, open or snoozed; without an
    end it is so now. A hand-over ends one and begins the next."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="stretches")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "stretches"
        indexes = [
            models.Index(fields=["workspace", "ended_at", "began_at"], name="stretch_ended"),
            models.Index(fields=["workspace", "began_at"], name="stretch_began"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.began_at:%Y-%m-%d %H:%M} to {self.ended_at or 'now'}"


class Tally(models.Model):
    """What one day of a workspace contributed to one metric: in all (an empty dimension), or for one value of one
    dimension. Of a share, `met` rows count; of a net, `against` rows count the other way; of what stands, `met` rows
    began that day and `against` ended; of a sum, `met` is the sum; of a ratio, `met` is above and `against` below the
    line. Durations are packed spreads, in all hours and in business hours."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    metric = models.CharField(max_length=40)
    dimension = models.CharField(max_length=12, blank=True)
    key = models.CharField(max_length=60, blank=True, help_text="Id, language or campaign; empty: none yet.")
    day = models.DateField(help_text="A day of the organisation's time zone.")
    n = models.PositiveIntegerField()
    met = models.PositiveBigIntegerField(default=0)
    against = models.PositiveBigIntegerField(default=0)
    calendar = models.BinaryField(default=b"")
    business = models.BinaryField(default=b"")

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "metric", "dimension", "day", "key"],
                include=["n", "met", "against"],
                name="tally_once",
            )
        ]
        indexes = [models.Index(fields=["workspace", "day"], name="tally_day")]

    def __str__(self) -> str:
        return f"{self.metric}, {self.day}, {self.dimension} {self.key}: {self.n}"


class Progress(models.Model):
    """How far the record of one workspace is measured: every sealed event up to `position` is in the figures. Its days
    from `tallied_first` to `tallied_last` have tallies that hold, save those that are stale."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    position = models.BigIntegerField(default=0)
    at = models.DateTimeField(help_text="Figures are as of then.")
    tallied_in = models.CharField(max_length=60, blank=True, help_text="The time zone whose days are tallied.")
    tallied_at = models.DateTimeField(null=True, blank=True)
    tallied_first = models.DateField(null=True, blank=True)
    tallied_last = models.DateField(null=True, blank=True)
    stale_days = ArrayField(models.DateField(), default=list)
    checked_to = models.DateField(null=True, blank=True, help_text="Days are counted again in turn; up to here so far.")

    class Meta:
        verbose_name_plural = "progress"

    def __str__(self) -> str:
        return f"{self.workspace}: measured to {self.position}"
