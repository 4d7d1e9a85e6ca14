"""Objective, ownership and SLA policy: what a contact is for, who owns that, and by when it is answered."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from choir.channels.models import Channel
from choir.ids import new_id
from choir.people.models import Department, Organisation, Person, Team, Workspace
from choir.routing.rules.models import Rule

__all__ = [
    "Assigning",
    "Hours",
    "Objective",
    "Ownership",
    "OwnershipQuerySet",
    "RoutingPolicy",
    "Rule",
    "SLAPolicy",
    "TeamPolicy",
]


class Objective(models.Model):
    """What the company must do for somebody who said something: care, sales, reputation…"""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="objectives")
    slug = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    is_answered = models.BooleanField(default=True, help_text="False: learn from it, do not answer.")
    weight = models.FloatField(
        default=1.0, help_text="How much of a person's capacity one such conversation takes; an ordinary one takes 1."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="objective_slug_once"),
            models.CheckConstraint(condition=Q(weight__gte=0.1, weight__lte=10), name="objective_weight_is_usable"),
        ]

    def __str__(self) -> str:
        return self.name


SCOPE = ("workspace", "channel", "language", "topic", "region", "product")  # what narrows a cell of the matrix


class OwnershipQuerySet(models.QuerySet["Ownership"]):
    def in_force(self, at: dt.datetime) -> OwnershipQuerySet:
        """Cells whose effective dates include `at`."""
        return self.filter(effective_from__lte=at).filter(Q(effective_until=None) | Q(effective_until__gt=at))


class Ownership(models.Model):
    """One version of one cell of the ownership matrix: for this objective in this scope, who is responsible
    and accountable. An empty scope field means “any”; the cell with the most specific scope wins, and two that would
    tie are refused. A cell is never edited: a new version starts where the old one ends."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="ownership")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=8, blank=True)
    topic = models.CharField(max_length=40, blank=True)
    region = models.CharField(
        max_length=80, blank=True, help_text="A workspace's market, or a place that the text names."
    )
    product = models.CharField(max_length=80, blank=True, help_text="A product that the text names.")
    responsible = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    accountable = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    consulted = models.ManyToManyField(Department, blank=True, related_name="+")
    informed = models.ManyToManyField(Department, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    because = models.TextField(blank=True)
    decision_id = models.UUIDField(null=True, blank=True, help_text="The committee's decision that made it.")
    decision_number = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ownership"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "objective", *SCOPE, "version"],
                nulls_distinct=False,
                name="ownership_version_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "objective", *SCOPE],
                condition=Q(effective_until=None),
                nulls_distinct=False,
                name="ownership_one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gt=F("effective_from")),
                name="ownership_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objective} → {self.responsible} (version {self.version})"


class Hours(models.TextChoices):
    """Which hours a clock counts."""

    BUSINESS = "business", "The team's working hours"
    CALENDAR = "calendar", "All hours"


class SLAPolicy(models.Model):
    """A promise: how soon a first response and a resolution are due. The most specific policy that fits counts:
    objective before urgency before neither."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    urgency_at_least = models.PositiveSmallIntegerField(default=0)
    first_response_seconds = models.PositiveIntegerField()
    resolution_seconds = models.PositiveIntegerField(null=True, blank=True)
    hours = models.CharField(max_length=8, choices=Hours.choices, default=Hours.BUSINESS)
    pauses_while_waiting = models.BooleanField(
        default=True,
        help_text="The resolution clock stands still while the customer has the last word to give.",
    )

    class Meta:
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "objective", "urgency_at_least"],
                nulls_distinct=False,
                name="sla_policy_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Assigning(models.TextChoices):
    """How a team hands work to its people."""

    LEAST_LOADED = "least_loaded", "To whoever fits and has most room"
    BY_HAND = "by_hand", "People take it themselves"


class TeamPolicy(models.Model):
    """How one team assigns, and when untouched work moves on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="policy")
    assigning = models.CharField(max_length=16, choices=Assigning.choices, default=Assigning.LEAST_LOADED)
    return_after_seconds = models.PositiveIntegerField(
        default=3600, help_text="Working time after which an assigned conversation nobody touched moves on."
    )

    class Meta:
        verbose_name_plural = "team policies"

    def __str__(self) -> str:
        return f"{self.team}: {self.assigning}"


class RoutingPolicy(models.Model):
    """How sure triage must be in one workspace before its objective decides the department."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="routing_policy")
    confidence_floor = models.FloatField(default=0.45)

    class Meta:
        verbose_name_plural = "routing policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence_floor__gte=0, confidence_floor__lte=1),
                name="confidence_floor_is_a_share",
            )
        ]

    def __str__(self) -> str:
        return f"{self.workspace}: {self.confidence_floor}"
