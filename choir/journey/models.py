"""A customer's journey and its moves, derived from what they said and did, and what people put right."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from choir.conversions.models import Conversion
from choir.customers.models import Customer
from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.people.models import Person, Workspace


class Stage(models.TextChoices):
    """Where a customer is on their way with us, in its usual order; people go back and forth."""

    AWARENESS = "awareness", _("Awareness")
    CONSIDERATION = "consideration", _("Consideration")
    PURCHASE = "purchase", _("Purchase")
    SUPPORT = "support", _("Support")
    ADVOCACY = "advocacy", _("Advocacy")


class Shows(models.TextChoices):
    """What shows a move."""

    SAID = "said", _("what they said")
    DID = "did", _("what they did")
    PERSON = "person", _("a person who knew better")


class StageCorrection(models.Model):
    """A person said at which stage a customer is, and why. Never changed: another one follows it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="stage_corrections")
    stage = models.CharField(max_length=16, choices=Stage.choices)
    because = models.CharField(max_length=500)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.stage}"


class Move(models.Model):
    """A customer came to a stage, and was there until `ended_at`. Derived: followed anew, all moves of a customer are
    made again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="moves", db_index=False)
    from_stage = models.CharField(max_length=16, blank=True)
    stage = models.CharField(max_length=16, choices=Stage.choices)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    shown_by = models.CharField(max_length=8, choices=Shows.choices)
    confidence = models.FloatField(null=True, blank=True, help_text="Of the reading, 0 to 1.")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    conversion = models.ForeignKey(
        Conversion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    correction = models.ForeignKey(
        StageCorrection, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(stage=""), name="move_has_a_stage")]
        indexes = [
            models.Index(fields=["customer", "at"], name="move_of_customer"),
            models.Index(fields=["workspace", "at"], name="move_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage or 'new'} → {self.stage}"


class Journey(models.Model):
    """How far one customer was followed: where they are since when, when they were last heard of, and up to which of
    their readings and conversions that takes into account."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="journey")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    stage = models.CharField(max_length=16, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True, help_text="The last thing they said or did.")
    read_to = models.UUIDField(null=True, blank=True)
    told_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "stage"], name="journey_by_stage")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.stage or 'not told yet'}"


class Walk(models.Model):
    """How far the customers of a workspace are followed: everything up to `at`; `after` is the customer behind whom a
    walk through all of them goes on."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()
    is_whole = models.BooleanField(default=False, help_text="All of them have been walked through once.")
    after = models.UUIDField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.workspace_id}: followed to {self.at:%Y-%m-%d %H:%M}"


class Panorama(models.Model):
    """Where everybody of a workspace was and is, over so many days up to a moment: worked out ahead, so that the pages
    only read it. The next one takes its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text="The end of its days; nothing later is in it.")
    told = models.JSONField(help_text="What happened at each stage, and the cohorts.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "days"], name="panorama_once")]

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.days} days to {self.at:%Y-%m-%d %H:%M}"


class PanoramaCell(models.Model):
    """The customers of a panorama who were at one place and are at another: how many, and which, in the order of their
    names. `stood` is the stage of whoever is not heard of any more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    panorama = models.ForeignKey(Panorama, on_delete=models.CASCADE, related_name="cells")
    began = models.CharField(max_length=16)
    ended = models.CharField(max_length=16)
    stood = models.CharField(max_length=16, blank=True)
    count = models.PositiveIntegerField()
    ranks = models.BinaryField(help_text="Their places among all, by name: 4 bytes each.")
    customers = models.BinaryField(help_text="Their ids: 16 bytes each.")

    def __str__(self) -> str:
        return f"{self.began} → {self.ended}: {self.count}"
