"""The forms of what a decision changes: one for each kind of change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.governance.changing.pilot import ADOPT, DROP
from choir.governance.models import Decision
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


def _department(label: Any, *, nobody: Any = None, help_text: Any = "") -> forms.ModelChoiceField[Department]:
    """One of the departments; none, where `nobody` says what that means."""
    return forms.ModelChoiceField(
        Department.objects.none(), label=label, required=nobody is None, to_field_name="slug", help_text=help_text,
        empty_label=nobody or _("Choose one"),
    )  # fmt: skip


class OwnershipForm(ChangeForm):
    """Who owns an objective in a scope."""

    objective = _objective()
    responsible = _department(_("Responsible"))
    accountable = _department(_("Accountable"), nobody=_("the responsible one"), help_text=_("Answers for it."))
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

    pilot = forms.ModelChoiceField(Pilot.objects.none(), label=_("Pilot"), empty_label=_("Choose one"))
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

    kpi = forms.ModelChoiceField(KPI.objects.none(), label=_("KPI"), empty_label=_("Choose one"))
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
    department = _department(_("Written by"), nobody=_("any"))
    approvers_count = forms.IntegerField(label=_("People who say yes"), min_value=1, max_value=5, initial=1)


class InitiativeForm(ChangeForm):
    """A campaign or project."""

    name = forms.CharField(label=_("Name"), max_length=120)
    goal = forms.ModelChoiceField(Goal.objects.none(), label=_("Goal"), required=False, empty_label=_("No goal"))
    objective = _objective(required=False)
    department = _department(_("Department"), nobody=_("no department"))
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

    decision = forms.ModelChoiceField(Decision.objects.none(), label=_("Decision"), empty_label=_("Choose one"))


CHANGE_FORMS: Mapping[str, type[ChangeForm]] = {
    "ownership": OwnershipForm, "pilot": PilotForm, "rule": RuleForm, "promise": PromiseForm, "target": TargetForm,
    "policy": PolicyForm, "initiative": InitiativeForm, "agreement": AgreementForm, "reversal": ReversalForm,
}  # fmt: skip


def change_values(proposal: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A proposal as its form shows it; nothing for another kind."""
    if proposal.get("kind") != kind:
        return {}
    values = dict(proposal)
    if kind == "target" and (kpi := KPI.objects.filter(pk=values["kpi"]).first()) is not None:
        metric = catalogue().get(kpi.metric)
        values["target"] = write_value(values.get("target"), metric.unit) if metric else ""
    return values
