"""Inquiry: a query put to one network."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from choir.channels.models import Channel, ChannelState
from choir.ids import new_id
from choir.listening.models.query import Query
from choir.people.models import Workspace


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def awake(self) -> InquiryQuerySet:
        """Those that are put to their networks: the query is not paused, the channel connected, there is a question."""
        return self.exclude(questions=[]).filter(query__is_paused=False, channel__state=ChannelState.CONNECTED)

    def due(self, at: dt.datetime) -> InquiryQuerySet:
        """Those whose time has come, and whose network does not ask us to wait."""
        waits = Q(channel__rate_limited_until__gt=at)
        return self.awake().filter(due_at__lte=at).exclude(waits)

    def looking_back(self) -> InquiryQuerySet:
        """Those that still read what was said before the query was."""
        return self.filter(past_ended_at=None, past_stopped_at=None)


class Inquiry(models.Model):
    """One query put to one channel's network in the network's own words: how far its answers were read, when it is
    asked again, what went wrong. `cursors` holds a place for each question, `past` one for each whose past is not read
    yet; they move with what they cover."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="inquiries", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="inquiries")
    version = models.PositiveIntegerField(help_text="Of the query's text that these questions are made of.")
    questions = models.JSONField(default=list, help_text="In the network's words; none: it cannot be asked.")
    is_exact = models.BooleanField(default=False, help_text="Whether the network understands all of the query.")
    unaskable_because = models.TextField(blank=True)
    cursors = models.JSONField(default=dict)
    since = models.DateTimeField(help_text="What came after this is new.")
    due_at = models.DateTimeField(null=True, blank=True)
    interval_seconds = models.PositiveIntegerField(default=0, help_text="The pause between looks for new posts.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When new posts were last looked for.")
    read_count = models.PositiveIntegerField(default=0, help_text="What the network gave.")
    kept_count = models.PositiveIntegerField(default=0, help_text="What of it a query may find.")
    past = models.JSONField(default=dict)
    past_since = models.DateTimeField(null=True, blank=True, help_text="How far back is wanted.")
    past_reached_at = models.DateTimeField(null=True, blank=True, help_text="The oldest post it was given.")
    past_count = models.PositiveIntegerField(default=0, help_text="What the network gave of the past.")
    past_ended_at = models.DateTimeField(null=True, blank=True)
    past_stopped_at = models.DateTimeField(null=True, blank=True, help_text="Somebody said that this is enough.")
    failure = models.TextField(blank=True, help_text="Why the last question failed, in words.")
    failures_count = models.PositiveIntegerField(default=0, help_text="In a row.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inquiries"
        constraints = [models.UniqueConstraint(fields=["workspace", "query", "channel"], name="inquiry_once")]
        indexes = [
            models.Index(fields=["query"], name="inquiry_of_query"),
            models.Index(F("due_at"), condition=Q(due_at__isnull=False), name="inquiry_due"),
        ]

    def __str__(self) -> str:
        return f"{self.query_id} put to {self.channel_id}"

    @property
    def is_looking_back(self) -> bool:
        """Whether the past is still read."""
        return bool(self.past) and self.past_ended_at is None and self.past_stopped_at is None
