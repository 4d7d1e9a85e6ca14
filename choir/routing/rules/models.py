"""Rule: conditions a person can read, and where what meets them goes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from choir.ids import new_id
from choir.people.models import Department, Person, Team, Workspace


class RuleQuerySet(models.QuerySet["Rule"]):
    def in_force(self) -> RuleQuerySet:
        """Rules that are switched on, in their order."""
        return self.filter(is_on=True).order_by("position", "id")


class Rule(models.Model):
    """One thing a workspace insists on: whatever meets all its conditions goes to this department (or team), or is at
    least this urgent. Rules are asked in their order, before the matrix; the first with a department decides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_on = models.BooleanField(default=True)
    conditions = models.JSONField(default=list, help_text="Each a kind and its values, as choir.routing.rules.decide.")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    urgency_at_least = models.PositiveSmallIntegerField(null=True, blank=True)
    because = models.TextField(blank=True)
    decision_id = models.UUIDField(null=True, blank=True, help_text="The committee's decision that made it.")
    decision_number = models.PositiveIntegerField(null=True, blank=True)
    changed_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=False) | Q(urgency_at_least__isnull=False), name="rule_has_an_outcome"
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(department__isnull=False), name="rule_team_has_its_department"
            ),
            models.UniqueConstraint(fields=["workspace", "name"], name="rule_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
