"""What every decision says, whatever it changes: why, from when, what is expected and by which figure that is seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.governance.deciding import Motion
from choir.governance.models import AgendaItem, Decision
from choir.measurement.metrics import catalogue
from choir.people.models import Department, Workspace
from choir.pilots.models import Pilot
from choir.routing.models import Objective
from choir.strategy.models import KPI

REVIEWED_AFTER = dt.timedelta(days=30)
TYPICAL = {
    "ownership": "first_response",
    "pilot": "first_response",
    "promise": "sla_attainment",
    "rule": "handover_rate",
}


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
    supersedes = forms.ModelChoiceField(
        Decision.objects.none(), label=_("Takes the place of"), required=False, empty_label=_("No other decision")
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metrics = sorted((one.title, one.slug) for one in catalogue().values())
        choices = [("", _("no figure")), *((slug, title) for title, slug in metrics)]
        self.fields["metric"].choices = choices  # type: ignore[attr-defined]
        standing = Decision.objects.standing().filter(workspace=workspace)
        self.fields["supersedes"].queryset = standing  # type: ignore[attr-defined]


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
        return {"objective": str(pilot.objective_id)} | _narrower(pilot.topic, pilot.language) if pilot else {}
    found: dict[str, str] = {}
    models: Mapping[str, Any] = {"objective": Objective, "department": Department}
    for dimension, model in models.items():
        rows = model.objects.filter(organisation=workspace.organisation_id, slug=change.get(dimension) or "")
        if not found and (row := rows.first()) is not None:
            found[dimension] = str(row.pk)
    return found | _narrower(str(change.get("topic") or ""), str(change.get("language") or ""))


def _narrower(topic: str, language: str) -> dict[str, str]:
    return {name: value for name, value in (("topic", topic), ("language", language)) if value}
