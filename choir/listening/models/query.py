"""Query: what a workspace listens for."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from choir.channels.models import Channel
from choir.ids import new_id
from choir.listening.language.parsing import parse
from choir.listening.language.tree import Node
from choir.people.models import Person, Workspace


class QueryQuerySet(models.QuerySet["Query"]):
    def listening(self) -> QueryQuerySet:
        """Those that are not paused."""
        return self.filter(is_paused=False)

    def unmatched(self) -> QueryQuerySet:
        """Those whose past is to be matched yet."""
        return self.listening().filter(past_matched_at=None)


class Query(models.Model):
    """What a workspace listens for, in the language of queries. `version` grows with its text; its matches are those of
    the present text. Its past is matched from now backwards: `past_before` is how far that has come. It is put to the
    networks of all channels that can be searched but those in `spared`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="queries")
    name = models.CharField(max_length=80)
    text = models.TextField()
    group = models.CharField(max_length=40, blank=True, help_text="Those that share a voice: our brand, a competitor…")
    is_ours = models.BooleanField(default=False, help_text="What it finds is of us: our part of the share of voice.")
    is_paused = models.BooleanField(default=False, help_text="Finds nothing new; what it found stays.")
    alerts = models.BooleanField(default=True, help_text="Whether spikes are told.")
    brings_work = models.BooleanField(
        default=False, help_text="What it finds that asks for an answer comes to the inbox, though not said to us."
    )
    spared = models.ManyToManyField(Channel, blank=True, related_name="+", help_text="Channels that are not asked.")
    days_back = models.PositiveSmallIntegerField(default=30, help_text="How far back networks are searched.")
    version = models.PositiveIntegerField(default=1)
    past_before = models.DateTimeField(null=True, blank=True)
    past_count = models.PositiveIntegerField(default=0, help_text="Wordings looked at so far.")
    past_total = models.PositiveIntegerField(default=0, help_text="Wordings to look at.")
    past_matched_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = QueryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "queries"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="query_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def tree(self) -> Node:
        """Its tree; what is saved can be parsed."""
        return parse(self.text)
