"""What value rests on besides the record: which conversions count for which goal, what was spent, what is assumed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from choir.conversions.models import ConversionKind
from choir.ids import new_id
from choir.people.models import Person, Workspace
from choir.strategy.models import Goal, Initiative


class CountsFor(models.Model):
    """A kind of conversion counts for one goal, so that nothing is claimed twice."""

    kind = models.OneToOneField(ConversionKind, on_delete=models.CASCADE, primary_key=True, related_name="counts_for")
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="counted")

    class Meta:
        verbose_name = "conversion that counts"
        verbose_name_plural = "conversions that count"

    def __str__(self) -> str:
        return f"{self.kind} for {self.goal}"


class SpendKind(models.TextChoices):
    """What money went to."""

    PAID = "paid", _("Paid media")
    TOOLS = "tools", _("Tools")
    OTHER = "other", _("Other")


class Spend(models.Model):
    """Money spent from one day to another, evenly: for an initiative, or (without one) for everything. A mistake is
    struck out, and stays to be seen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, null=True, blank=True, related_name="spend")
    kind = models.CharField(max_length=8, choices=SpendKind.choices)
    name = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=12, decimal_places=2, help_text="In the organisation's currency.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    struck_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "spend"
        ordering = ["-ends_on", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="spend_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="spend_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"


class Assumption(models.Model):
    """One version of one thing that is assumed and not counted, as a range: it lies between `low` and `high`, most
    likely at `likely`. The newest version holds; one without values takes it back. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=24)
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.ForeignKey(ConversionKind, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    low = models.FloatField(null=True, blank=True)
    likely = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    because = models.TextField(help_text="Where it is known from.")
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace", "name", "-at"], name="assumption_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(low=None, likely=None, high=None) | Q(low__lte=F("likely"), likely__lte=F("high")),
                name="assumption_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.low} to {self.high}"
