"""The forms of a decision: one for each kind of change, and one for what all have: why, from when, what is expected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.governance.changing.pilot import ADOPT, DROP
from choir.governance.deciding import Motion
from choir.governance.models import AgendaItem, Decision
from choir.measurement.metrics import catalogue
from choir.people.models import Department, Workspace
from choir.pilots.models import Pilot
from choir.routing.choose import LANGUAGES
from choir.routing.models import Hours, Objective
from choir.routing.rules.decide import URGENCIES
from choir.strategy.models import KPI, Goal
from choir.triage.actions import TOPICS
from choir.web.ownership.forms import products, regions
from choir.web.settings.fields import LengthField, TopicsField
from choir.web.strategy.values import read_value, write_value

REVIEWED_AFTER = dt.timedelta(days=30)
TYPICAL = {
    "ownership": "first_response",
    "pilot": "first_response",
    "promise": "sla_attainment",
    "rule": "handover_rate",
}


class ChangeForm(forms.Form):
    """The values of one kind of change."""

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        organisation = workspace.organisation_id
        rows: Mapping[str, Any] = {
            "objective": Objective.objects.filter(organisation=organisation),
            "responsible": Department.objects.filter(organisation=organisation),
            "accountable": Department.objects.filter(organisation=organisation),
            "department": Department.objects.filter(organisation=organisation),
            "channel": Channel.objects.filter(workspace=workspace),
            "kpi": KPI.objects.filter(workspace=workspace, ended_at=None),
            "pilot": Pilot.objects.undecided().filter(workspace=workspace),
            "goal": Goal.objects.filter(workspace=workspace, ended_at=None),
            "decision": Decision.objects.standing().filter(workspace=workspace),
        }
        for name, found in rows.items():
            if name in self.fields:
                self.fields[name].queryset = found  # type: ignore[attr-defined]

    @property
    def told(self) -> dict[str, Any]:
        """The values as a change keeps them: slugs and ids as text, days as ISO, nothing that is empty."""
        return {name: plain for name, value in self.cleaned_data.items() if (plain := _plain(value)) not in ("", None)}


def _plain(value: Any) -> Any:
    if hasattr(value, "slug"):
        return value.slug
    if hasattr(value, "pk"):
        return str(value.pk)
    return value.isoformat() if isinstance(value, dt.date) else value


def _objective(*, required: bool = True) -> forms.ModelChoiceField[Objective]:
    return forms.ModelChoiceField(
        Objective.objects.none(), label=_("Objective"), required=required, to_field_name="slug",
        empty_label=None if required else _("any"),
    )  # fmt: skip


def _department(label: Any, *, required: bool = True, help_text: Any = "") -> forms.ModelChoiceField[Department]:
    return forms.ModelChoiceField(
        Department.objects.none(), label=label, required=required, to_field_name="slug", help_text=help_text
    )


class OwnershipForm(ChangeForm):
    """Who owns an objective in a scope."""

    objective = _objective()
    responsible = _department(_("Responsible"))
    accountable = _department(_("Accountable"), required=False, help_text=_("The responsible one when empty."))
    topic = forms.ChoiceField(label=_("Only about"), required=False)
    language = forms.ChoiceField(label=_("Only in"), required=False)
    region = forms.ChoiceField(label=_("Only in the region"), required=False)
    product = forms.ChoiceField(label=_("Only about the product"), required=False)
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=_("Only on"), required=False, empty_label=_("any channel")
    )
    only_here = forms.BooleanField(label=_("Only in this workspace"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [(topic, topic.replace("_", " ")) for topic in TOPICS.values()]
        self.fields["topic"].choices = [("", _("any topic")), *topics]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", _("any language")), *LANGUAGES.items()]  # type: ignore[attr-defined]
        self.fields["region"].choices = regions(self.workspace)  # type: ignore[attr-defined]
        self.fields["product"].choices = products(self.workspace)  # type: ignore[attr-defined]


class PilotForm(ChangeForm):
    """The end of a pilot."""

    pilot = forms.ModelChoiceField(Pilot.objects.none(), label=_("Pilot"))
    verdict = forms.ChoiceField(
        label=_("What becomes of it"),
        choices=[(ADOPT, _("The candidate owns it from then on")), (DROP, _("It stays with the owner"))],
    )


class PromiseForm(ChangeForm):
    """How soon customers are answered."""

    objective = _objective(required=False)
    urgency_at_least = forms.TypedChoiceField(
        label=_("At least as urgent as"), choices=list(enumerate(URGENCIES)), coerce=int, required=False
    )
    first_response_seconds = LengthField(label=_("First response within"), help_text=_("Such as 4h or 30m."))
    resolution_seconds = LengthField(label=_("Resolution within"), required=False)
    hours = forms.ChoiceField(
        label=_("Hours"), choices=[(Hours.BUSINESS, _("Business hours")), (Hours.CALENDAR, _("All hours"))]
    )


class RuleForm(ChangeForm):
    """What says one of these words goes to this department."""

    words = TopicsField(label=_("Words"), help_text=_("Any of these, with commas between them."))
    department = _department(_("Goes to"))


class TargetForm(ChangeForm):
    """A KPI's new target."""

    kpi = forms.ModelChoiceField(KPI.objects.none(), label=_("KPI"))
    target = forms.CharField(label=_("Target"), max_length=40, help_text=_("In the metric's unit: 85 %, 4 h, 1200."))

    def clean(self) -> dict[str, Any]:
        """The target in the metric's unit."""
        cleaned: dict[str, Any] = super().clean() or {}
        kpi, metric = cleaned.get("kpi"), None
        if kpi is not None:
            metric = catalogue().get(kpi.metric)
        if metric is not None and cleaned.get("target"):
            try:
                cleaned["target"] = read_value(cleaned["target"], metric.unit)
            except ValueError as refused:
                self.add_error("target", str(refused))
        return cleaned


class PolicyForm(ChangeForm):
    """Which replies need approval."""

    objective = _objective(required=False)
    department = _department(_("Written by"), required=False)
    approvers_count = forms.IntegerField(label=_("People who say yes"), min_value=1, max_value=5, initial=1)


class InitiativeForm(ChangeForm):
    """A campaign or project."""

    name = forms.CharField(label=_("Name"), max_length=120)
    goal = forms.ModelChoiceField(Goal.objects.none(), label=_("Goal"), required=False)
    objective = _objective(required=False)
    department = _department(_("Department"), required=False)
    budget = forms.CharField(label=_("Budget"), required=False, max_length=12)
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))


class AgreementForm(ChangeForm):
    """What people agreed on."""

    words = forms.CharField(
        label=_("What is agreed"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Nothing in Choir changes by itself; people keep to it."),
    )  # fmt: skip


class ReversalForm(ChangeForm):
    """A decision that is taken back."""

    decision = forms.ModelChoiceField(Decision.objects.none(), label=_("Decision"))


CHANGE_FORMS: Mapping[str, type[ChangeForm]] = {
    "ownership": OwnershipForm, "pilot": PilotForm, "rule": RuleForm, "promise": PromiseForm, "target": TargetForm,
    "policy": PolicyForm, "initiative": InitiativeForm, "agreement": AgreementForm, "reversal": ReversalForm,
}  # fmt: skip


class MotionForm(forms.Form):
    """What every decision says."""

    title = forms.CharField(label=_("In a few words"), max_length=200)
    because = forms.CharField(
        label=_("Why"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Shown on everything that changes by it."),
    )  # fmt: skip
    effective_on = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("At midnight where the organisation is; empty is now."),
    )  # fmt: skip
    expected = forms.CharField(
        label=_("What should be different afterwards"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    metric = forms.ChoiceField(label=_("Seen by"), required=False, help_text=_("Measured before and after it."))
    review_on = forms.DateField(
        label=_("Look at it again"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    supersedes = forms.ModelChoiceField(Decision.objects.none(), label=_("Takes the place of"), required=False)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metrics = sorted((one.title, one.slug) for one in catalogue().values())
        choices = [("", _("no figure")), *((slug, title) for title, slug in metrics)]
        self.fields["metric"].choices = choices  # type: ignore[attr-defined]
        standing = Decision.objects.standing().filter(workspace=workspace)
        self.fields["supersedes"].queryset = standing  # type: ignore[attr-defined]


def change_values(proposal: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A proposal as its form shows it; nothing for another kind."""
    if proposal.get("kind") != kind:
        return {}
    values = dict(proposal)
    if kind == "target" and (kpi := KPI.objects.filter(pk=values["kpi"]).first()) is not None:
        metric = catalogue().get(kpi.metric)
        values["target"] = write_value(values.get("target"), metric.unit) if metric else ""
    return values


def motion_values(item: AgendaItem, kind: str) -> dict[str, Any]:
    """What is usual: the item's title, the figures' reason, a review in a month by a figure that fits."""
    is_change = kind not in ("agreement", "reversal")
    return {
        "title": item.title,
        "because": item.proposal_because,
        "metric": TYPICAL.get(kind, ""),
        "review_on": (timezone.now() + REVIEWED_AFTER).date() if is_change else None,
    }


def motion_of(change: dict[str, Any], form: MotionForm, workspace: Workspace) -> Motion:
    """The motion that the forms make."""
    told = form.cleaned_data
    effective_at = None
    if told["effective_on"]:
        zone = ZoneInfo(workspace.organisation.time_zone)
        begins = dt.datetime.combine(told["effective_on"], dt.time(), tzinfo=zone)
        is_today = told["effective_on"] == timezone.now().astimezone(zone).date()
        effective_at = None if is_today else begins
    return Motion(
        title=told["title"],
        change=change,
        because=told["because"],
        effective_at=effective_at,
        expected=told["expected"],
        measured_by={"metric": told["metric"], "narrowed": _narrowed(change, workspace)} if told["metric"] else {},
        review_on=told["review_on"],
        supersedes=told["supersedes"],
    )


def _narrowed(change: Mapping[str, Any], workspace: Workspace) -> dict[str, str]:
    """The scope in which the effect is looked for: that of the change."""
    if change["kind"] == "target":
        kpi = KPI.objects.filter(pk=change["kpi"], workspace=workspace).first()
        return kpi.narrowed if kpi else {}
    if change["kind"] == "pilot":
        pilot = Pilot.objects.filter(pk=change["pilot"], workspace=workspace).first()
        return {"objective": str(pilot.objective_id)} if pilot else {}
    found: dict[str, str] = {}
    models: Mapping[str, Any] = {"objective": Objective, "department": Department}
    for dimension, model in models.items():
        rows = model.objects.filter(organisation=workspace.organisation_id, slug=change.get(dimension) or "")
        if not found and (row := rows.first()) is not None:
            found[dimension] = str(row.pk)
    if change.get("language"):
        found["language"] = str(change["language"])
    return found
