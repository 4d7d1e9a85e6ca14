"""Spike: more mentions of a query than its hours of the week lead one to expect."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from choir.ids import new_id
from choir.listening.models.query import Query
from choir.people.models import Department, Person, Workspace


class SpikeQuerySet(models.QuerySet["Spike"]):
    def running(self) -> SpikeQuerySet:
        """Not over yet."""
        return self.filter(ended_at=None)

    def unseen(self) -> SpikeQuerySet:
        """Nobody has said that they know of it."""
        return self.filter(acknowledged_at=None)


class Spike(models.Model):
    """More mentions of a query (about one topic, or about anything) than is usual at these hours of the week: what,
    since when, how much more, which words and mentions stand out, and which department should act."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="spikes")
    topic = models.CharField(max_length=40, blank=True, help_text="Empty: whatever the topic.")
    began_at = models.DateTimeField()
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When it was last still so.")
    ended_at = models.DateTimeField(null=True, blank=True)
    count = models.PositiveIntegerField(help_text="Mentions since it began.")
    expected = models.FloatField(help_text="What is usual for that time.")
    chance = models.FloatField(help_text="How likely so many are without a cause.")
    explanation = models.JSONField(default=dict, help_text="Words, mood and mentions that stand out.")
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    department_because = models.TextField(blank=True)
    acknowledged_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = SpikeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "query", "topic"], condition=Q(ended_at=None), name="spike_running_once"
            )
        ]
        indexes = [models.Index(fields=["workspace", "-began_at"], name="spike_recent")]

    def __str__(self) -> str:
        return f"{self.query}: {self.count} instead of {self.expected:.0f}"
