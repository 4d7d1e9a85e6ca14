"""Wording: what queries see of one public mention."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Trim

from choir.channels.models import Channel
from choir.listening.models.mention import Mention
from choir.people.models import Workspace


class Wording(models.Model):
    """One public mention as queries see it: its words folded, who said it where, and what its present reading says.
    What was said in private has none, so that no query finds it. Made from the mention; nothing else may change it."""

    mention = models.OneToOneField(Mention, on_delete=models.CASCADE, primary_key=True, related_name="wording")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", db_index=False)
    posted_at = models.DateTimeField()
    words = models.TextField(help_text="Folded, a space before, between and after.")
    author = models.TextField(help_text="Handle and name, folded like the words.")
    network = models.CharField(max_length=40)
    kind = models.CharField(max_length=8)
    language = models.CharField(max_length=8, blank=True)
    sentiment = models.CharField(max_length=8, blank=True)
    objective = models.CharField(max_length=40, blank=True)
    topic = models.CharField(max_length=40, blank=True)
    traits = ArrayField(models.CharField(max_length=12), default=list, help_text="What comes with it.")
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    followers = models.PositiveIntegerField(null=True, blank=True)
    bands = ArrayField(
        models.BigIntegerField(), default=list, help_text="Where copies of it meet; empty for a copy itself."
    )
    family = models.UUIDField(null=True, blank=True, help_text="The first mention of those that copy each other.")
    search = models.GeneratedField(
        expression=Func(
            Func(Trim(F("words")), Value(" "), function="string_to_array"),
            function="array_to_tsvector",
            output_field=SearchVectorField(),
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-posted_at", "-mention"], name="wording_stream"),
            models.Index(fields=["family", "-posted_at"], condition=Q(family__isnull=False), name="wording_family"),
            GinIndex(fields=["search"], name="wording_search"),
            # No list of new entries before it: it is asked for every message, and would read that whole list each time.
            GinIndex(fields=["bands"], name="wording_bands", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.words.strip()[:60]
