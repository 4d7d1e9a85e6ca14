"""Decision: what the committee decided, for good. What came of it stands beside it: enactment, reversal, review."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from choir.governance.models.committee import Committee
from choir.governance.models.item import AgendaItem
from choir.governance.models.meeting import Meeting
from choir.ids import new_id
from choir.people.models import Person, Workspace


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> DecisionQuerySet:
        """Neither superseded nor reversed."""
        return self.filter(superseded_by=None, reversal=None)

    def due(self, at: dt.datetime) -> DecisionQuerySet:
        """To be put into force by now, and not tried yet."""
        return self.standing().filter(effective_at__lte=at, enactment=None)


class Decision(models.Model):
    """What a committee decided: what changes, from when, why, what is expected of it and when it is looked at again.
    A row is never changed (the database refuses it); another decision may take its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="decisions")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="decisions")
    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="decisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    change = models.JSONField(help_text="Its kind and values, as choir.governance.changing.")
    because = models.TextField()
    expected = models.TextField(blank=True, help_text="What should be different afterwards, in words.")
    measured_by = models.JSONField(default=dict, help_text="Metric, scope and the difference hoped for; empty: words.")
    effective_at = models.DateTimeField()
    review_on = models.DateField(null=True, blank=True)
    agreement = models.JSONField(help_text="By consent or majority, who was present and how each department voted.")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="decision_number_once"),
            models.CheckConstraint(condition=~Q(because=""), name="decision_says_why"),
        ]
        indexes = [models.Index(fields=["effective_at"], name="decision_by_effect")]

    def __str__(self) -> str:
        return f"Decision {self.number}"


class Enactment(models.Model):
    """A decision was put into force, exactly once: when, and what was there before, so that it can be taken back.
    With `refused` it could not be, and this says why."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, primary_key=True, related_name="enactment")
    at = models.DateTimeField()
    before = models.JSONField(default=dict)
    refused = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.decision} in force"


class Reversal(models.Model):
    """A decision was taken back: what it changed is as it was before."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, primary_key=True, related_name="reversal")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    because = models.TextField()

    def __str__(self) -> str:
        return f"{self.decision} taken back"


class Review(models.Model):
    """A decision's effect, as the figures told it on its review date: before and after, against a control."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, primary_key=True, related_name="review")
    at = models.DateTimeField()
    effect = models.JSONField(help_text="As choir.governance.effect.Effect; empty where nothing can be measured.")

    def __str__(self) -> str:
        return f"{self.decision} reviewed"


class ActionItem(models.Model):
    """Something one person has promised a meeting to do by a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="actions")
    item = models.ForeignKey(AgendaItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="actions")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "title"]
        indexes = [models.Index(fields=["workspace", "owner", "due_on"], condition=Q(done_at=None), name="action_open")]

    def __str__(self) -> str:
        return self.title
