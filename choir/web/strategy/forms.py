"""Planning a goal, a KPI or an initiative."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.measurement.metric import Better, Lasting
from choir.measurement.metrics import catalogue
from choir.people.models import Department, Person, Workspace
from choir.routing.choose import LANGUAGES
from choir.routing.models import Hours, Objective
from choir.strategy.models import KPI, Goal, Initiative, Purpose, Wants
from choir.web.strategy.values import read_value, write_value


class PlanForm(forms.Form):
    """What all three have: a name, who answers for it, a first and a last day."""

    name = forms.CharField(label=_("Name"), max_length=120)
    owner = forms.ModelChoiceField(
        Person.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody yet"),
        help_text=_("Who answers for it."),
    )  # fmt: skip
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("owner", Person.objects.filter(organisation=workspace.organisation_id, is_active=True))
        if "goal" in self.fields:
            self._choices("goal", Goal.objects.filter(workspace=workspace, ended_at=None))
        for name in ("objective", "objectives"):
            if name in self.fields:
                self._choices(name, Objective.objects.filter(organisation=workspace.organisation_id))
        if "department" in self.fields:
            self._choices("department", Department.objects.filter(organisation=workspace.organisation_id))
        if "channel" in self.fields:
            self._choices("channel", Channel.objects.filter(workspace=workspace).defer("secret", "settings"))

    def _choices(self, name: str, rows: QuerySet[Any]) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("It ends before it begins."))
        return cleaned

    @property
    def told(self) -> dict[str, Any]:
        """The values as the action takes them."""
        return self.cleaned_data


class GoalForm(PlanForm):
    """A goal of the business plan."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    statement = forms.CharField(
        label=_("What will be different"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    objectives = forms.ModelMultipleChoiceField(
        Objective.objects.none(), label=_("Objectives that serve it"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    field_order = ("name", "purpose", "statement", "objectives", "owner", "starts_on", "ends_on")


class InitiativeForm(PlanForm):
    """A campaign or project."""

    goal = forms.ModelChoiceField(Goal.objects.none(), label=_("Goal"), required=False, empty_label=_("No goal"))
    objective = forms.ModelChoiceField(
        Objective.objects.none(), label=_("Objective"), required=False, empty_label=_("No objective")
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label=_("No department")
    )
    budget = forms.DecimalField(
        label=_("Budget"), required=False, min_value=0, max_digits=12, decimal_places=2,
        help_text=_("In the organisation's currency."),
    )  # fmt: skip
    field_order = ("name", "goal", "objective", "department", "budget", "owner", "starts_on", "ends_on")


class KPIForm(PlanForm):
    """A metric in a scope with its target."""

    goal = forms.ModelChoiceField(Goal.objects.none(), label=_("Goal"), required=False, empty_label=_("No goal"))
    metric = forms.ChoiceField(label=_("Metric"))
    is_slow_end = forms.BooleanField(
        label=_("Nine of ten, not half"), required=False,
        help_text=_("For durations: the time within which nine of ten are done, instead of the median."),
    )  # fmt: skip
    hours = forms.ChoiceField(
        label=_("Hours"), choices=[(Hours.BUSINESS, _("Business hours")), (Hours.CALENDAR, _("All hours"))],
        help_text=_("For durations."),
    )  # fmt: skip
    objective = forms.ModelChoiceField(
        Objective.objects.none(), label=_("Only objective"), required=False, empty_label=_("Any")
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Only department"), required=False, empty_label=_("Any")
    )
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=_("Only channel"), required=False, empty_label=_("Any")
    )
    language = forms.ChoiceField(label=_("Only language"), required=False)
    wants = forms.ChoiceField(
        label=_("Side"), choices=[("", _("As the metric says")), *Wants.choices], required=False,
        help_text=_("On which side of the target it is met."),
    )  # fmt: skip
    target = forms.CharField(
        label=_("Target"), max_length=40, help_text=_("In the metric's unit: 85 %, 4 h 30 min, +20 points, 1200."),
    )  # fmt: skip
    baseline = forms.CharField(label=_("Was before"), required=False, max_length=40)
    field_order = (
        "name", "goal", "metric", "is_slow_end", "hours", "objective", "department", "channel", "language", "wants",
        "target", "baseline", "owner", "starts_on", "ends_on",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metrics = sorted((one.title, one.slug) for one in catalogue().values())
        self.fields["metric"].choices = [(slug, title) for title, slug in metrics]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", _("Any")), *LANGUAGES.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Values in the metric's unit, and a side where the metric has none of its own."""
        cleaned = super().clean()
        metric = catalogue().get(cleaned.get("metric", ""))
        if metric is None:
            return cleaned
        for name in ("target", "baseline"):
            if text := cleaned.get(name):
                try:
                    cleaned[name] = read_value(text, metric.unit)
                except ValueError as refused:
                    self.add_error(name, str(refused))
        cleaned["baseline"] = cleaned.get("baseline") if cleaned.get("baseline") != "" else None
        if not cleaned.get("wants"):
            if metric.better is Better.NEITHER:
                self.add_error("wants", _("More or less of this is neither better nor worse: choose a side."))
            else:
                cleaned["wants"] = Wants.AT_MOST if metric.better is Better.LOWER else Wants.AT_LEAST
        if cleaned.get("is_slow_end") and not isinstance(metric, Lasting):
            self.add_error("is_slow_end", _("This metric is no duration."))
        return cleaned


def kpi_values(kpi: KPI) -> dict[str, Any]:
    """A KPI as its form shows it."""
    metric = catalogue().get(kpi.metric)
    names = (
        "name", "goal", "metric", "is_slow_end", "hours", "objective", "department", "channel", "language", "wants",
        "owner", "starts_on", "ends_on",
    )  # fmt: skip
    values = {name: getattr(kpi, name) for name in names}
    if metric is not None:
        values["target"] = write_value(kpi.target, metric.unit)
        values["baseline"] = write_value(kpi.baseline, metric.unit)
    return values


def goal_values(goal: Goal) -> dict[str, Any]:
    """A goal as its form shows it."""
    names = ("name", "purpose", "statement", "owner", "starts_on", "ends_on")
    return {name: getattr(goal, name) for name in names} | {"objectives": goal.objectives.all()}


def initiative_values(initiative: Initiative) -> dict[str, Any]:
    """An initiative as its form shows it."""
    names = ("name", "goal", "objective", "department", "budget", "owner", "starts_on", "ends_on")
    return {name: getattr(initiative, name) for name in names}
