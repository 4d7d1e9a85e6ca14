"""Moderation: something done on the network about what stands there."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from choir.channels.contract import ReportReason
from choir.channels.models import Channel
from choir.ids import new_id
from choir.inbox.models import Conversation, Message
from choir.people.models import Person, Workspace


class Deed(models.TextChoices):
    """What is done. All but a report can be done twice without harm."""

    REMOVE = "remove", "Remove"  # an answer of ours is taken off the network
    HIDE = "hide", "Hide"  # what a customer said is hidden where it stands under ours
    SHOW = "show", "Show again"
    REPORT = "report", "Report"  # to those who run the network


class ModerationState(models.TextChoices):
    """Where it stands. Only WAITING and DOING move by themselves."""

    WAITING = "waiting", "Waiting"
    DOING = "doing", "Being done"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"  # the network refuses it, or could not be reached for a day
    UNSURE = "unsure", "Unsure"  # a report that may have got through; it is not made twice


class ModerationQuerySet(models.QuerySet["Moderation"]):
    def due(self, at: dt.datetime) -> ModerationQuerySet:
        """Waiting and its time has come, or an attempt whose process seems to have died."""
        return self.filter(
            Q(state=ModerationState.WAITING, due_at__lte=at) | Q(state=ModerationState.DOING, leased_until__lt=at)
        )

    def unsettled(self) -> ModerationQuerySet:
        """Not done and not given up."""
        return self.filter(state__in=[ModerationState.WAITING, ModerationState.DOING])


class Moderation(models.Model):
    """Something a person has done on the network about one message: an answer of ours removed, what a customer said
    hidden, shown again or reported. The newest of a message's that is done says how it stands there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="moderations")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="moderations")
    deed = models.CharField(max_length=6, choices=Deed.choices)
    reason = models.CharField(max_length=10, blank=True, choices=[(one.value, one.value) for one in ReportReason])
    because = models.TextField(blank=True, help_text="Why, in the person's words; a report carries them.")
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=ModerationState.choices, default=ModerationState.WAITING)
    failure = models.TextField(blank=True, help_text="Why it is not done, for a person.")
    attempts_count = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ModerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "message"],
                condition=Q(state__in=["waiting", "doing"]),
                name="moderation_one_at_a_time",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="moderation_waiting"),
            models.Index(fields=["leased_until"], condition=Q(state="doing"), name="moderation_doing"),
        ]

    def __str__(self) -> str:
        return f"{self.deed}: {self.state}"
