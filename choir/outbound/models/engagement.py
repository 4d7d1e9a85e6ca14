"""Engagement: how something of ours does on the network."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from choir.channels.models import Channel
from choir.ids import new_id
from choir.inbox.models import Message
from choir.people.models import Workspace


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def due(self, at: dt.datetime) -> EngagementQuerySet:
        """To be measured (again) now."""
        return self.filter(due_at__lte=at)


class Engagement(models.Model):
    """What people did with a message of ours on the network, as it was when it was last measured; empty is what the
    network does not tell. It is measured ever more seldom, and after a month no more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="engagement")
    likes_count = models.PositiveIntegerField(null=True, blank=True)
    reposts_count = models.PositiveIntegerField(null=True, blank=True)
    replies_count = models.PositiveIntegerField(null=True, blank=True)
    quotes_count = models.PositiveIntegerField(null=True, blank=True)
    views_count = models.PositiveBigIntegerField(null=True, blank=True)
    clicks_count = models.PositiveIntegerField(null=True, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)
    measurings_count = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it is measured next; empty: no more.")

    objects = EngagementQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "engagement"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="engagement_due"),
            models.Index(fields=["workspace", "measured_at"], name="engagement_measured"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.likes_count} likes"
