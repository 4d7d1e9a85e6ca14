"""Mention: one inbound item, as the network said it."""

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q

from choir.channels.contract import Kind, Visibility
from choir.channels.models import Arrival, Channel
from choir.customers.models import Identity
from choir.ids import new_id
from choir.people.models import Workspace


class MentionQuerySet(models.QuerySet["Mention"]):
    def unread(self) -> "MentionQuerySet":
        """Heard, not yet understood."""
        return self.filter(read_at=None)


class Mention(models.Model):
    """What one person said, once. It changes only as its author changes it on the network: edited, it has their new
    words; removed, it has none any more. `read_at` says that triage has read it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="mentions")
    arrival = models.ForeignKey(Arrival, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    external_id = models.CharField(max_length=300)
    parent_external_id = models.CharField(max_length=300, blank=True)
    thread_external_id = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Kind])
    is_private = models.BooleanField(default=False)
    is_addressed = models.BooleanField(default=True, help_text="Said to us; not so what only a search found.")
    visibility = models.CharField(
        max_length=9, choices=[(one.value, one.value) for one in Visibility], default=Visibility.PUBLIC
    )
    content_warning = models.TextField(blank=True, help_text="What the author put before it.")
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True, help_text="What it repeats of earlier messages.")
    automatic_because = models.CharField(
        max_length=200, blank=True, help_text="Why a machine seems to have written it; nobody waits for an answer."
    )
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    media = models.JSONField(default=list)
    url = models.URLField(max_length=1000, blank=True)
    language_hint = models.CharField(max_length=8, blank=True)
    posted_at = models.DateTimeField()
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True, help_text="When its author gave it these words.")
    removed_at = models.DateTimeField(null=True, blank=True, help_text="When its author took it back.")
    read_at = models.DateTimeField(null=True, blank=True)
    look_again_at = models.DateTimeField(
        null=True, blank=True, help_text="When the network is asked what became of it; only of what was overheard."
    )

    objects = MentionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "channel", "external_id"], name="mention_once")]
        indexes = [
            models.Index(fields=["workspace", "-posted_at", "-id"], name="mention_stream"),
            models.Index(fields=["id"], condition=Q(read_at=None), name="mention_unread"),  # as they are read
            models.Index(fields=["identity", "-posted_at"], name="mention_by_identity"),
            models.Index(
                fields=["channel", "thread_external_id"], condition=Q(is_addressed=False), name="mention_around"
            ),
            models.Index(
                fields=["channel", "look_again_at"], condition=Q(look_again_at__isnull=False), name="mention_look_again"
            ),
            HashIndex(fields=["url"], condition=~Q(url=""), name="mention_by_address"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
