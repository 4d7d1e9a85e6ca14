"""What a list can be narrowed to, as a form. An empty select counts as no filter."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.channels.networks import network_name
from choir.inbox.models import Label, State
from choir.people.models import Department, Person, Workspace
from choir.routing.choose import language_name
from choir.routing.models import Objective
from choir.triage.models import Theme

FILTERS = (
    "objective",
    "department",
    "channel",
    "network",
    "language",
    "sentiment",
    "assignee",
    "label",
    "theme",
    "state",
    "since",
    "until",
    "customer",
)
SENTIMENTS = [
    ("negative", _("Unhappy")),
    ("neutral", _("Neutral")),
    ("positive", _("Happy")),
    ("mixed", _("Mixed feelings")),
]
URGENCIES = {0: _("Can wait"), 1: _("Normal"), 2: _("Soon"), 3: _("At once")}
ANY = ("", _("Any"))


class FilterForm(forms.Form):
    """Understands every filter; `offering` gives it a workspace's choices to show."""

    objective = forms.CharField(label=_("Objective"), max_length=40, required=False, widget=forms.Select)
    department = forms.CharField(label=_("Department"), max_length=60, required=False, widget=forms.Select)
    assignee = forms.CharField(label=_("Assigned to"), max_length=40, required=False, widget=forms.Select)
    state = forms.ChoiceField(
        label=_("State"), choices=[ANY, *((s.value, s.label) for s in State if s != State.ARRIVING)], required=False
    )
    sentiment = forms.ChoiceField(label=_("Mood"), choices=[ANY, *SENTIMENTS], required=False)
    language = forms.CharField(label=_("Language"), max_length=8, required=False, widget=forms.Select)
    channel = forms.UUIDField(label=_("Channel"), required=False, widget=forms.Select)
    network = forms.CharField(label=_("Network"), max_length=40, required=False, widget=forms.Select)
    label = forms.CharField(label=_("Label"), max_length=60, required=False, widget=forms.Select)
    theme = forms.UUIDField(label=_("Theme"), required=False, widget=forms.Select)
    since = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    customer = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean_assignee(self) -> str:
        """Me, nobody, or a person's id."""
        value = str(self.cleaned_data["assignee"])
        if value and value not in {"me", "nobody"}:
            try:
                uuid.UUID(value)
            except ValueError as error:
                raise forms.ValidationError(_("This is nobody.")) from error
        return value

    def offer(self, workspace: Workspace, person: Person) -> None:
        """Fill the selects with what the workspace has."""
        objectives = Objective.objects.filter(organisation=workspace.organisation_id)
        departments = Department.objects.filter(organisation=workspace.organisation_id)
        channels = list(Channel.objects.visible_to(person).filter(workspace=workspace))
        people = Person.objects.filter(organisation=workspace.organisation_id, is_active=True)
        people = people.filter(memberships__isnull=False).distinct()
        labels = Label.objects.filter(workspace=workspace)
        offered: dict[str, list[tuple[Any, Any]]] = {
            "objective": [(one.slug, one.name) for one in objectives],
            "department": [(one.slug, one.name) for one in departments],
            "assignee": [("me", _("Me")), ("nobody", _("Nobody")), *((str(one.pk), one.name) for one in people)],
            "language": [(code, language_name(code)) for code in sorted({*workspace.languages, *COMMON_LANGUAGES})],
            "channel": [(str(one.pk), one.name) for one in channels],
            "network": [(name, network_name(name)) for name in sorted({one.network for one in channels})],
            "label": [(one.name, one.name) for one in labels],
            "theme": [(str(one.pk), one.name) for one in Theme.objects.accepted().filter(workspace=workspace)],
        }
        for name, choices in offered.items():
            widget = self.fields[name].widget
            if isinstance(widget, forms.Select):
                widget.choices = [ANY, *choices]


COMMON_LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "nl", "pt")


def filter_words(name: str, value: str, workspace: Workspace) -> str:
    """A filter in force as a person reads it."""
    if name == "assignee" and value in {"me", "nobody"}:
        return str(_("Mine") if value == "me" else _("Nobody's"))
    if name in {"since", "until"}:
        day = dt.date.fromisoformat(value)
        return f"{_('Since') if name == 'since' else _('Until')} {day:%d %b %Y}"
    if name == "language":
        return language_name(value)
    if name == "network":
        return network_name(value)
    if name in {"sentiment", "state"}:
        return str(dict([*SENTIMENTS, *State.choices]).get(value, value))
    return _name_of(name, value, workspace) or value


def _name_of(name: str, value: str, workspace: Workspace) -> str:
    organisation = workspace.organisation_id
    rows: dict[str, Any] = {
        "objective": Objective.objects.filter(organisation=organisation, slug=value),
        "department": Department.objects.filter(organisation=organisation, slug=value),
        "channel": Channel.objects.filter(workspace=workspace, pk=value) if name == "channel" else None,
        "theme": Theme.objects.filter(workspace=workspace, pk=value) if name == "theme" else None,
        "assignee": Person.objects.filter(organisation=organisation, pk=value) if name == "assignee" else None,
    }
    found = rows.get(name)
    first = found.first() if found is not None else None
    return str(first) if first else ""
