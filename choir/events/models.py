"""Event: one fact. Seal: the end of a stretch of the chain, signed with the installation's key."""

import uuid

from django.db import models
from django.db.models import Q

from choir.ids import new_id
from choir.people.models import Organisation, Person, Workspace
from choir.prepared import Slot


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject_type: str, subject_id: uuid.UUID | Slot) -> "EventQuerySet":
        """What happened to one row."""
        return self.filter(subject_type=subject_type, subject_id=subject_id)

    def unsealed(self) -> "EventQuerySet":
        """Recorded, but not yet in the chain."""
        return self.filter(position=None)


class Event(models.Model):
    """Who did what to which row, when and why. Never changed after it is written; sealing fills in its place
    in the workspace's chain (`position`, `digest`) once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    workspace = models.ForeignKey(
        Workspace,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Empty for what concerns the whole organisation.",
    )
    at = models.DateTimeField(help_text="When it happened; an imported fact keeps its true time.")
    recorded_at = models.DateTimeField()
    verb = models.CharField(max_length=60, help_text="noun.past-tense, e.g. conversation.resolved")
    # A fact keeps who did it, even when that person's row is gone: nothing here ever changes.
    by = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False
    )
    by_name = models.CharField(
        max_length=120, blank=True, help_text="As it was then; empty when Choir acted by itself."
    )
    subject_type = models.CharField(max_length=40, help_text="The model's name in lower case, e.g. conversation.")
    subject_id = models.UUIDField()
    because = models.TextField(blank=True, help_text="The reason, as a sentence a person can read.")
    facts = models.JSONField(default=dict, help_text="What a figure needs: ids, slugs, seconds. Never message text.")
    position = models.BigIntegerField(null=True, blank=True)
    digest = models.BinaryField(max_length=32, null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="event_timeline"),
            models.Index(fields=["workspace", "verb", "at"], name="event_by_verb"),
            models.Index(fields=["organisation", "workspace", "id"], condition=Q(position=None), name="event_unsealed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "workspace", "position"],
                nulls_distinct=False,
                condition=Q(position__isnull=False),
                name="event_position_once",
            ),
            models.CheckConstraint(
                condition=Q(position=None, digest=None) | Q(position__isnull=False, digest__isnull=False),
                name="event_sealed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"


class Seal(models.Model):
    """A stretch of a chain, closed: how far it goes, its last digest, and a signature that only the
    installation's key can make, so that a chain recomputed in the database alone does not verify."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    last_position = models.BigIntegerField()
    last_digest = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "workspace", "last_position"], nulls_distinct=False, name="seal_once"
            )
        ]

    def __str__(self) -> str:
        return f"sealed to {self.last_position}"
