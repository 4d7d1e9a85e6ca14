"""Proposing an owner."""

from typing import Any

from django import forms

from choir.channels.models import Channel
from choir.people.models import Department, Workspace
from choir.routing.actions import Scope
from choir.routing.choose import LANGUAGES
from choir.routing.weighing import HEAVIEST, LIGHTEST
from choir.triage.actions import TOPICS
from choir.triage.models import Term, TermKind


class WeightForm(forms.Form):
    """How much of a person's capacity one conversation of an objective takes."""

    weight = forms.FloatField(
        label="One such conversation weighs", min_value=LIGHTEST, max_value=HEAVIEST,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
        help_text="An ordinary one weighs 1. Urgent ones weigh half as much again, those that wait for the customer a "
        "quarter. Whoever holds as much weight as they have capacity is given no more.",
    )  # fmt: skip


class OwnerForm(forms.Form):
    """Who owns an objective in a scope, from when, and why."""

    responsible = forms.ModelChoiceField(
        Department.objects.none(),
        label="Responsible",
        empty_label="Choose one",
        help_text="Answers what is routed here.",
    )
    accountable = forms.ModelChoiceField(
        Department.objects.none(),
        label="Accountable",
        required=False,
        empty_label="the responsible one",
        help_text="Answers for it.",
    )
    consulted = forms.ModelMultipleChoiceField(
        Department.objects.none(), label="Consulted", required=False, widget=forms.CheckboxSelectMultiple
    )
    informed = forms.ModelMultipleChoiceField(
        Department.objects.none(), label="Informed", required=False, widget=forms.CheckboxSelectMultiple
    )
    topic = forms.ChoiceField(label="Only about", required=False)
    language = forms.ChoiceField(label="Only in", required=False)
    region = forms.ChoiceField(
        label="Only in the region", required=False,
        help_text="A market that workspaces serve, or a place of the workspace's terms that a text names.",
    )  # fmt: skip
    product = forms.ChoiceField(
        label="Only about the product", required=False, help_text="A product of the workspace's terms."
    )
    channel = forms.ModelChoiceField(Channel.objects.none(), label="Only on", required=False, empty_label="any channel")
    only_here = forms.BooleanField(
        label="Only in this workspace", required=False, help_text="Otherwise it holds in every workspace."
    )
    effective_on = forms.DateField(
        label="From", required=False, help_text="At midnight in the organisation's time zone; empty is now.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    because = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 2}), help_text="Shown on everything this cell routes."
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = Department.objects.filter(organisation=workspace.organisation_id)
        for name in ("responsible", "accountable", "consulted", "informed"):
            self.fields[name].queryset = departments  # type: ignore[attr-defined]
        self.fields["channel"].queryset = Channel.objects.filter(workspace=workspace)  # type: ignore[attr-defined]
        topics = [(topic, topic.replace("_", " ")) for topic in TOPICS.values()]
        self.fields["topic"].choices = [("", "any topic"), *topics]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", "any language"), *LANGUAGES.items()]  # type: ignore[attr-defined]
        self.fields["region"].choices = regions(workspace)  # type: ignore[attr-defined]
        self.fields["product"].choices = products(workspace)  # type: ignore[attr-defined]

    def scope(self, workspace: Workspace) -> Scope:
        """Where it is to hold, as a valid form says."""
        chosen = self.cleaned_data
        return Scope(
            workspace=workspace if chosen["only_here"] else None,
            **{name: chosen[name] for name in ("channel", "language", "topic", "region", "product")},
        )


def regions(workspace: Workspace) -> list[tuple[str, str]]:
    """Markets of the organisation and places of the workspace, to choose from."""
    markets = Workspace.objects.filter(organisation=workspace.organisation_id).exclude(market="")
    named = [*markets.values_list("market", flat=True), *_terms(workspace, TermKind.PLACE)]
    return [("", "any region"), *((one, one) for one in dict.fromkeys(named))]


def products(workspace: Workspace) -> list[tuple[str, str]]:
    """Products of the workspace, to choose from."""
    return [("", "any product"), *((one, one) for one in _terms(workspace, TermKind.PRODUCT))]


def _terms(workspace: Workspace, kind: TermKind) -> list[str]:
    return list(Term.objects.filter(workspace=workspace, kind=kind).values_list("name", flat=True))
