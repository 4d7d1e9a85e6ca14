"""What is filled in on the committee's pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from choir.governance.models import Agreeing, Committee, Meeting
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission, Reach, Role, reach_of
from choir.web.settings.forms import ZONES

WEEKDAYS = [
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
    (5, _("Saturday")), (6, _("Sunday")),
]  # fmt: skip


class ItemForm(forms.Form):
    """Something to talk about."""

    title = forms.CharField(label=_("What it is about"), max_length=200)
    question = forms.CharField(
        label=_("The question"), required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ActionForm(forms.Form):
    """What somebody does by a day."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    owner = forms.ModelChoiceField(Person.objects.none(), label=_("Who"), empty_label=_("Choose one"))
    due_on = forms.DateField(label=_("By"), widget=forms.DateInput(attrs={"type": "date"}))
    item = forms.ModelChoiceField(
        Meeting.objects.none(), label=_("About"), required=False, empty_label=_("Nothing on the agenda")
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(organisation=meeting.workspace.organisation_id, is_active=True)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        self.fields["item"].queryset = meeting.items.all()  # type: ignore[attr-defined]


class TermsForm(forms.Form):
    """When and how a committee meets."""

    name = forms.CharField(label=_("Name"), max_length=80)
    weekday = forms.TypedChoiceField(label=_("Day"), choices=WEEKDAYS, coerce=int)
    begins_at = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)
    duration_minutes = forms.IntegerField(label=_("Minutes"), min_value=10, max_value=480)
    every_weeks = forms.IntegerField(label=_("Every so many weeks"), min_value=1, max_value=12)
    first_on = forms.DateField(label=_("Not before"), widget=forms.DateInput(attrs={"type": "date"}))
    place = forms.CharField(
        label=_("Place"), required=False, max_length=200, help_text=_("A room, or the address of a call.")
    )
    quorum_percent = forms.IntegerField(
        label=_("Quorum, in per cent of the seats"), min_value=1, max_value=100,
        help_text=_("With fewer departments present nothing is decided."),
    )  # fmt: skip
    agrees_by = forms.ChoiceField(label=_("Decides by"), choices=Agreeing.choices)


def terms_values(committee: Committee | None, workspace: Workspace, *, today: dt.date) -> dict[str, Any]:
    """A committee's terms as the form shows them; for a new one, what is usual."""
    if committee is None:
        return {
            "name": "Social media committee", "weekday": 1, "begins_at": dt.time(10), "duration_minutes": 45,
            "time_zone": workspace.organisation.time_zone, "every_weeks": 1, "first_on": today,
            "quorum_percent": 50, "agrees_by": Agreeing.CONSENT,
        }  # fmt: skip
    return {name: getattr(committee, name) for name in TermsForm.base_fields}


class SeatForm(forms.Form):
    """One department's seat: whether it has one, who takes it, who stands in."""

    sits = forms.BooleanField(label=_("Sits in it"), required=False)
    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Person"), required=False, empty_label=_("Nobody yet")
    )
    deputy = forms.ModelChoiceField(
        Person.objects.none(), label=_("Deputy"), required=False, empty_label=_("Nobody yet")
    )

    def __init__(
        self, sent: Mapping[str, Any] | None, *, department: Department, people: list[Person], initial: dict[str, Any]
    ) -> None:
        super().__init__(sent, prefix=department.slug, initial=initial)
        self.department = department
        rows = Person.objects.filter(pk__in=[one.pk for one in people])
        for name in ("person", "deputy"):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


def may_take_part(workspace: Workspace) -> list[Person]:
    """Whoever may sit in the workspace's committee, by name: one query."""
    roles = [role for role in Role if reach_of(role, Permission.COMMITTEE_TAKE_PART) is Reach.WORKSPACE]
    granted = Q(role_grants__role__in=roles) & (Q(role_grants__workspace=None) | Q(role_grants__workspace=workspace))
    people = Person.objects.filter(granted, organisation=workspace.organisation_id, is_active=True)
    return list(people.distinct().order_by("name"))
