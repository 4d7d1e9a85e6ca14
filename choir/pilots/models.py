"""Pilot: a department tried on a random share of another one's work. What came of it stands in rows beside it: each
conversation drawn, each look at the result, its end."""

from __future__ import annotations

import datetime as dt
import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from choir.channels.models import Channel
from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.people.models import Department, Person, Workspace
from choir.routing.models import Objective

SCOPE = ("channel", "language", "topic", "region", "product")


def new_salt() -> str:
    """What nobody can guess."""
    return secrets.token_hex(16)


class PilotQuerySet(models.QuerySet["Pilot"]):
    def running(self, at: dt.datetime) -> PilotQuerySet:
        """Those that draw conversations at a moment."""
        return self.filter(starts_at__lte=at, ends_at__gt=at, ending=None)

    def undecided(self) -> PilotQuerySet:
        """Those that no decision ended and nobody called off."""
        return self.filter(ending=None)


class Pilot(models.Model):
    """One pilot as it was set before it began: whose work, who is tried, on which share of it, from when until when, by
    which metric it is judged, and after how many looks. A row is never changed (the database refuses it): a rule that
    could be changed after a look would not hold what it promises."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    because = models.TextField()
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=8, blank=True)
    topic = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=60, blank=True)
    product = models.CharField(max_length=80, blank=True)
    owner = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    share = models.FloatField(help_text="Of the conversations, how many go to the candidate: 0.5 is half.")
    salt = models.CharField(max_length=40, default=new_salt)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="No conversation is drawn from then on.")
    metric = models.CharField(max_length=24, help_text="Decides when it stops and what it says.")
    also = ArrayField(models.CharField(max_length=24), default=list, help_text="Metrics shown beside it.")
    looks_count = models.PositiveSmallIntegerField(default=1)
    error_rate = models.FloatField(default=0.05, help_text="How often it may find a difference where there is none.")
    worth = models.FloatField(
        help_text="The smallest difference that would matter: points, or as a share less or more."
    )
    needed_count = models.PositiveIntegerField(
        null=True, blank=True, help_text="Conversations needed, as was expected."
    )
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = PilotQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(share__gt=0, share__lt=1), name="pilot_shares"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="pilot_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(owner=F("candidate")), name="pilot_compares_two"),
            models.CheckConstraint(condition=Q(looks_count__gte=1, looks_count__lte=5), name="pilot_looks"),
        ]
        indexes = [models.Index(fields=["workspace", "-starts_at"], name="pilot_newest")]

    def __str__(self) -> str:
        return self.name

    def drawn_until(self, number: int) -> dt.datetime:
        """Up to when conversations count at a look, the first being 1; looks are evenly spaced."""
        return self.starts_at + (self.ends_at - self.starts_at) * number / self.looks_count


class Draw(models.Model):
    """One conversation took part in a pilot: where chance gave it. It counts there whatever became of it, so that the
    two sides stay alike."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="draws", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="draws")
    is_candidate = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "pilot", "conversation"], name="draw_once"),
        ]
        indexes = [models.Index(fields=["pilot", "at"], name="draw_by_pilot")]

    def __str__(self) -> str:
        return f"{self.pilot}: {'candidate' if self.is_candidate else 'owner'}"


class Look(models.Model):
    """One look at a pilot's result, at the time set before: what each metric said, and whether that was enough to stop.
    Kept as it was found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="looks", db_index=False)
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text="Figures are as of then.")
    information = models.FloatField(help_text="What was known: n₁ · n₂ ÷ (n₁ + n₂) of the two sides.")
    boundary = models.FloatField(help_text="How many standard errors away from nothing are enough at this look.")
    found = models.JSONField(
        help_text="By metric, as choir.pilots.comparing.Difference; none where too little happened."
    )
    is_enough = models.BooleanField(default=False, help_text="The difference lies beyond the boundary.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["pilot", "number"], name="look_once")]

    def __str__(self) -> str:
        return f"{self.pilot}: look {self.number}"


class Outcome(models.TextChoices):
    """What became of a pilot."""

    ADOPTED = "adopted", "The candidate owns it now"
    DROPPED = "dropped", "It stays with the owner"
    CALLED_OFF = "called_off", "Called off before its end"


class Ending(models.Model):
    """A pilot is over: by a decision that adopted the candidate or dropped it, or called off."""

    pilot = models.OneToOneField(Pilot, on_delete=models.CASCADE, primary_key=True, related_name="ending")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    because = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decision_id = models.UUIDField(null=True, blank=True)
    decision_number = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.pilot}: {self.outcome}"
