"""What an administrator fills in."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import available_timezones

from django import forms

from choir.people.models import Department, Organisation, Person, Team
from choir.people.policy import Role
from choir.routing.choose import LANGUAGES
from choir.routing.hours import Opening

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(r"^(?P<day>\w{3})\w*\s+(?P<opens>\d{1,2}:\d{2})\s*[-–]\s*(?P<closes>\d{1,2}:\d{2})$")


class HoursField(forms.CharField):
    """Opening times as lines a person can read: “Mon 09:00–12:00”. Cleans to a list of openings."""

    widget = forms.Textarea(attrs={"rows": 7})

    def clean(self, value: str) -> list[Opening]:
        """Parse each line; the error names the line."""
        text = super().clean(value)
        return [self._opening(line) for line in text.splitlines() if line.strip()]

    @staticmethod
    def _opening(line: str) -> Opening:
        found = _LINE.match(line.strip())
        if found is None or found["day"].lower() not in DAYS:
            raise forms.ValidationError(f"“{line.strip()}” is no opening. Write one a line, like: Mon 09:00-17:30")
        try:
            opens, closes = (dt.time.fromisoformat(found[name].zfill(5)) for name in ("opens", "closes"))
        except ValueError as error:
            raise forms.ValidationError(f"“{line.strip()}” has a time that no clock shows.") from error
        if closes <= opens and closes != dt.time(0):
            raise forms.ValidationError(f"“{line.strip()}” closes before it opens; midnight is written 00:00.")
        return Opening(DAYS.index(found["day"].lower()), opens, closes)


class HolidaysField(forms.CharField):
    """Holidays as lines: “2026-12-25 Christmas”. Cleans to (date, name) pairs."""

    widget = forms.Textarea(attrs={"rows": 5})

    def clean(self, value: str) -> list[tuple[dt.date, str]]:
        """Parse each line; the error names the line."""
        return [self._holiday(line) for line in super().clean(value).splitlines() if line.strip()]

    @staticmethod
    def _holiday(line: str) -> tuple[dt.date, str]:
        on, _, name = line.strip().partition(" ")
        try:
            return dt.date.fromisoformat(on), name.strip() or "Holiday"
        except ValueError as error:
            raise forms.ValidationError(
                f"“{line.strip()}” is no holiday. Write one a line: 2026-12-25 Christmas"
            ) from error


class TeamForm(forms.Form):
    """A team's hours, holidays and people."""

    time_zone = forms.ChoiceField(label="Time zone", choices=[(one, one) for one in sorted(available_timezones())])
    hours = HoursField(
        label="Working hours",
        required=False,
        help_text="One opening a line: Mon 09:00-17:30. None at all means always open.",
    )
    holidays = HolidaysField(label="Holidays", required=False, help_text="One a line: 2026-12-25 Christmas")
    people = forms.ModelMultipleChoiceField(Person.objects.none(), label="People", required=False)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "time_zone": team.time_zone,
            "hours": "\n".join(
                f"{DAYS[one.weekday].capitalize()} {one.opens_at:%H:%M}-{one.closes_at:%H:%M}"
                for one in team.working_hours.all()
            ),
            "holidays": "\n".join(f"{one.on} {one.name}" for one in team.holidays.all()),
            "people": Person.objects.filter(memberships__team=team),
        }
        super().__init__(*args, **kwargs)
        everybody = Person.objects.filter(organisation=team.department.organisation_id, is_active=True)
        self.fields["people"].queryset = everybody  # type: ignore[attr-defined]


class RolesForm(forms.Form):
    """The roles a person holds."""

    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[(role.value, role.value.capitalize()) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        help_text="What each may see and do stands in one policy table.",
    )


class NewPersonForm(RolesForm):
    """Somebody new."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail", help_text="A link to set a password is sent there.")
    teams = forms.ModelMultipleChoiceField(Team.objects.none(), required=False)
    languages = forms.MultipleChoiceField(choices=list(LANGUAGES.items()), required=False)

    field_order = ("name", "email", "roles", "teams", "languages")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(department__organisation=organisation).select_related("department")
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]


class AccountableForm(forms.Form):
    """Which department answers for a channel."""

    accountable = forms.ModelChoiceField(Department.objects.none(), empty_label=None)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accountable"].queryset = organisation.departments.all()  # type: ignore[attr-defined]
