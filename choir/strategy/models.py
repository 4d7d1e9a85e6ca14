"""Goal, KPI, initiative: what the business wants, how it sees that it gets there, and what it does for it. The canvas:
what departments say is naturally social about their business, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.ids import new_id
from choir.people.models import Department, Person, Workspace
from choir.routing.models import Hours, Objective


class Purpose(models.TextChoices):
    """What a goal does for the business."""

    GROW = "grow", _("Grow")
    KEEP = "keep", _("Keep customers")
    SAVE = "save", _("Save cost")
    PROTECT = "protect", _("Protect the name")
    HIRE = "hire", _("Hire")


class Lasts(models.Model):
    """What has a first and a last day and somebody who answers for it. Ended early, it stays for the record."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Taken out of the tree then.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="%(class)s_ends_after_it_starts")
        ]


class Goal(Lasts):
    """Something of the business plan that social media can help to reach."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    statement = models.TextField(blank=True, help_text="What will be different once it is reached.")
    objectives = models.ManyToManyField(Objective, blank=True, related_name="goals")

    def __str__(self) -> str:
        return self.name


class Wants(models.TextChoices):
    """On which side of its target a KPI is met."""

    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")


class KPI(Lasts):
    """A metric in a scope, with what it was, what it should be, and by when. Without a goal it is a gap."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.SET_NULL, null=True, blank=True, related_name="kpis")
    name = models.CharField(max_length=120)
    metric = models.SlugField(max_length=40)
    is_slow_end = models.BooleanField(default=False, help_text="The 90th percentile of a duration, not its median.")
    hours = models.CharField(max_length=8, choices=Hours.choices, default=Hours.BUSINESS)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=8, blank=True)
    baseline = models.FloatField(null=True, blank=True, help_text="In the metric's unit.")
    wants = models.CharField(max_length=8, choices=Wants.choices)
    target = models.FloatField(help_text="In the metric's unit.")

    class Meta(Lasts.Meta):
        verbose_name = "KPI"
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="kpi_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def narrowed(self) -> dict[str, str]:
        """Its scope, as a question to a metric takes it."""
        scope = {
            "department": self.department_id, "objective": self.objective_id, "channel": self.channel_id,
            "language": self.language,
        }  # fmt: skip
        return {name: str(value) for name, value in scope.items() if value}

    def is_met_by(self, value: float) -> bool:
        """Whether a value is on the right side of the target."""
        return value >= self.target if self.wants == Wants.AT_LEAST else value <= self.target


class Initiative(Lasts):
    """What is done for a goal: a campaign, a project. Without goal or objective it is a gap."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.SET_NULL, null=True, blank=True, related_name="initiatives")
    objective = models.ForeignKey(Objective, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    budget = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, help_text="In the organisation's currency."
    )

    def __str__(self) -> str:
        return self.name


class Status(models.TextChoices):
    """Where a KPI stands: its value now, or its chances until the end of its period."""

    NOT_BEGUN = "not_begun", _("Not begun")
    TOO_EARLY = "too_early", _("Too early to say")
    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    OFF_TRACK = "off_track", _("Off track")
    MET = "met", _("Met")
    MISSED = "missed", _("Missed")


class Outlook(models.Model):
    """Where a KPI stands and where it is likely to end; worked out from the figures after they were measured, never
    edited. Values are in the metric's unit; `low` to `high` holds the end of the period in four of five cases."""

    kpi = models.OneToOneField(KPI, on_delete=models.CASCADE, primary_key=True, related_name="outlook")
    status = models.CharField(max_length=12, choices=Status.choices)
    value = models.FloatField(null=True, blank=True)
    n = models.PositiveIntegerField(default=0, help_text="Rows the value rests on.")
    week_ago = models.FloatField(null=True, blank=True, help_text="The value as it was seven days before.")
    low = models.FloatField(null=True, blank=True)
    middle = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    chance = models.FloatField(null=True, blank=True, help_text="Of ending on the right side of the target.")
    status_since = models.DateTimeField()
    at = models.DateTimeField(help_text="Of the figures it was worked out from.")

    def __str__(self) -> str:
        return f"{self.kpi}: {self.status}"


class CanvasAnswer(models.Model):
    """What one department answered to “what about our business is naturally social?”, at a time. Never changed: another
    answer is the next version, and the newest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    text = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "department", "version"], name="canvas_version_once"),
            models.CheckConstraint(condition=~Q(text=""), name="canvas_answer_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.department}, version {self.version}"


class CanvasOutcome(models.Model):
    """A goal or an initiative that came of a department's answer on the canvas."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    answer = models.ForeignKey(CanvasAnswer, on_delete=models.CASCADE, related_name="outcomes")
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(goal=None, initiative__isnull=False) | Q(goal__isnull=False, initiative=None),
                name="canvas_outcome_is_one_thing",
            )
        ]

    def __str__(self) -> str:
        return str(self.goal or self.initiative)
