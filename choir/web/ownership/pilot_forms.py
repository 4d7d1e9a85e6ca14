"""Designing a pilot, and calling one off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.people.models import Department, Workspace
from choir.pilots.actions import Design
from choir.pilots.outcomes import JUDGED
from choir.pilots.planning import Plan
from choir.routing.actions import Scope
from choir.routing.choose import LANGUAGES
from choir.routing.models import Objective
from choir.triage.actions import TOPICS
from choir.web.ownership.forms import products, regions


class PilotForm(forms.Form):
    """What is compared, for how long, and when it stops. Nothing of it can be changed once it has begun."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Stands in the reason of every conversation in it.")
    )
    because = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    objective = forms.ModelChoiceField(
        Objective.objects.none(), label=_("Objective"), to_field_name="slug", empty_label=_("Choose one")
    )
    topic = forms.ChoiceField(label=_("Only about"), required=False)
    language = forms.ChoiceField(label=_("Only in"), required=False)
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=_("Only on"), required=False, empty_label=_("any channel")
    )
    region = forms.ChoiceField(label=_("Only in the region"), required=False)
    product = forms.ChoiceField(label=_("Only about the product"), required=False)
    candidate = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department to try"), to_field_name="slug", empty_label=_("Choose one"),
        help_text=_("Compared with whoever owns it now."),
    )  # fmt: skip
    percent = forms.IntegerField(
        label=_("Goes to it, in per cent"), min_value=5, max_value=95, initial=50,
        help_text=_("Half and half tells most for the same number."),
    )  # fmt: skip
    days = forms.IntegerField(label=_("Days"), min_value=7, max_value=120, initial=28)
    metric = forms.ChoiceField(
        label=_("Decided by"), choices=[(slug, one.title) for slug, one in JUDGED.items()], initial="first_response"
    )
    worth_percent = forms.DecimalField(
        label=_("Smallest difference that matters"), initial=20, min_value=1, max_value=200,
        help_text=_("Per cent less or more for times, points for shares, hundredths for the mood."),
    )  # fmt: skip
    also = forms.MultipleChoiceField(
        label=_("Shown beside it"), choices=[(slug, one.title) for slug, one in JUDGED.items()], required=False,
        initial=["one_touch", "resolution", "reopen_rate", "handover_rate", "csat", "sentiment"],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They do not decide: of many metrics one differs by chance."),
    )  # fmt: skip
    looks = forms.TypedChoiceField(
        label=_("Looks"), coerce=int, initial=1,
        choices=[
            (1, _("One, at the end")), (2, _("Two: half-way it may stop")), (3, _("Three")), (4, _("Four")),
            (5, _("Five")),
        ],
        help_text=_("Before the last look it stops only for what could hardly be chance (O'Brien and Fleming)."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, Any] = {
            "objective": Objective.objects.filter(organisation=workspace.organisation_id, is_answered=True),
            "candidate": Department.objects.filter(organisation=workspace.organisation_id),
            "channel": Channel.objects.filter(workspace=workspace).defer("secret", "settings", "cursor"),
        }
        for name, found in rows.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        choices: dict[str, list[tuple[str, Any]]] = {
            "topic": [("", _("any topic")), *((one, one.replace("_", " ")) for one in TOPICS.values())],
            "language": [("", _("any language")), *LANGUAGES.items()],
            "region": regions(workspace),
            "product": products(workspace),
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
            if len(offered) == 1:
                self.fields[name].widget = forms.HiddenInput()

    @property
    def scope(self) -> Scope:
        """Which part of the objective, of a valid form."""
        chosen = self.cleaned_data
        return Scope(None, **{name: chosen[name] for name in ("channel", "language", "topic", "region", "product")})

    @property
    def share(self) -> float:
        """Which share goes to the candidate."""
        return float(self.cleaned_data["percent"]) / 100

    @property
    def worth(self) -> float:
        """The smallest difference that matters, in the direction that is better; a time cannot fall by all of it."""
        judged = JUDGED[self.cleaned_data["metric"]]
        size = float(self.cleaned_data["worth_percent"]) / 100
        return -min(size, 0.95) if judged.better == "lower" else size

    def design(self, plan: Plan) -> Design:
        """What is to be begun."""
        told = self.cleaned_data
        return Design(
            name=told["name"], objective=told["objective"], scope=self.scope, candidate=told["candidate"],
            share=self.share, days=told["days"], metric=told["metric"], also=told["also"], looks=told["looks"],
            worth=self.worth, needed_count=plan.needed_count, because=told["because"],
        )  # fmt: skip


class EndingForm(forms.Form):
    """Calling a pilot off."""

    because = forms.CharField(
        label=_("Why it cannot go on"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For harm only. What it found so far proves nothing then."),
    )  # fmt: skip
