"""Match: a query found a mention. Volume: how many, by the hour."""

from __future__ import annotations

from django.db import models

from choir.ids import new_id
from choir.listening.models.mention import Mention
from choir.listening.models.query import Query
from choir.people.models import Workspace


class Match(models.Model):
    """A query found a mention; once, whichever way it came in. `sentiment` and `topic` are as they are counted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="matches", db_index=False)
    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="matches")
    posted_at = models.DateTimeField()
    sentiment = models.CharField(max_length=8, blank=True)
    topic = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name_plural = "matches"
        constraints = [models.UniqueConstraint(fields=["workspace", "query", "mention"], name="match_once")]
        indexes = [models.Index(fields=["query", "-posted_at", "-mention"], name="match_stream")]

    def __str__(self) -> str:
        return f"{self.query_id} found {self.mention_id}"


class Volume(models.Model):
    """How many mentions of one hour a query found, by sentiment and topic. Kept as matches are made, and equal to
    counting them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="volumes", db_index=False)
    hour = models.DateTimeField(help_text="Its beginning.")
    sentiment = models.CharField(max_length=8, blank=True)
    topic = models.CharField(max_length=40, blank=True)
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "query", "hour", "sentiment", "topic"], name="volume_once")
        ]
        indexes = [models.Index(fields=["query", "hour"], include=["sentiment", "topic", "count"], name="volume_hours")]

    def __str__(self) -> str:
        return f"{self.query_id}, {self.hour:%Y-%m-%d %H}: {self.count}"
