"""What is filled in on the pages of the settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from choir.administration.approvals import MOST_APPROVERS, Condition
from choir.administration.promises import Terms
from choir.administration.staff import MOST_CAPACITY
from choir.administration.surveys import MOST_PAUSE_DAYS, Asking
from choir.channels.models import Channel
from choir.outbound.models import ApprovalPolicy
from choir.people.models import Department, Organisation, Person, SkillKind, Team, Workspace
from choir.people.policy import Role
from choir.routing.choose import LANGUAGES
from choir.routing.models import Assigning, Hours, Objective, SLAPolicy, TeamPolicy
from choir.surveys.models import SurveyPolicy
from choir.web.inbox.filters import URGENCIES
from choir.web.settings.fields import DAYS, HolidaysField, HoursField, LanguagesField, LengthField, TopicsField

ZONES = [(one, one.replace("_", " ")) for one in sorted(available_timezones())]
ROLES = [(role.value, role.value.capitalize()) for role in Role]


class TeamForm(forms.Form):
    """A team's name, hours, holidays and how it hands out work."""

    name = forms.CharField(max_length=120)
    time_zone = forms.ChoiceField(label="Time zone", choices=ZONES)
    hours = HoursField(
        label="Working hours",
        required=False,
        help_text="One opening a line: Mon 09:00-17:30. None at all means always open.",
    )
    holidays = HolidaysField(label="Holidays", required=False, help_text="One a line: 2026-12-25 Christmas")
    assigning = forms.ChoiceField(label="Gives work", choices=Assigning.choices)
    return_after_seconds = LengthField(
        label="Untouched work moves on after", help_text="Of working time, such as 1h or 30m."
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        policy = TeamPolicy.objects.filter(team=team).first() or TeamPolicy(team=team)
        kwargs["initial"] = {
            "name": team.name,
            "time_zone": team.time_zone,
            "hours": "\n".join(
                f"{DAYS[one.weekday].capitalize()} {one.opens_at:%H:%M}-{one.closes_at:%H:%M}"
                for one in team.working_hours.all()
            ),
            "holidays": "\n".join(f"{one.on} {one.name}" for one in team.holidays.all()),
            "assigning": policy.assigning,
            "return_after_seconds": policy.return_after_seconds,
        }
        super().__init__(*args, **kwargs)


class MembersForm(forms.Form):
    """Who works in a team."""

    people = forms.ModelMultipleChoiceField(
        Person.objects.none(), label="People", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        kwargs["initial"] = {"people": Person.objects.filter(memberships__team=team)}
        super().__init__(*args, **kwargs)
        everybody = Person.objects.filter(organisation=team.department.organisation_id, is_active=True)
        self.fields["people"].queryset = everybody  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """What a new team is called."""

    name = forms.CharField(label="Name of the team", max_length=120)


class DepartmentForm(forms.Form):
    """What a department is called and what it is there for."""

    name = forms.CharField(max_length=120)
    charter = forms.CharField(
        label="What it is there for",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A sentence or two, in words that customers would use: colleagues read it when they hand something "
        "over, and what customers say is held against it.",
    )


class SortingForm(forms.Form):
    """The team that sorts what triage is unsure about, and the region that the workspace serves."""

    sorting_team = forms.ModelChoiceField(Team.objects.none(), label="Sorts what is unsure", empty_label=None)
    market = forms.CharField(label="Region it serves", required=False, max_length=60)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(department__organisation=organisation).order_by("department__position", "position")
        self.fields["sorting_team"].queryset = teams  # type: ignore[attr-defined]


class RolesForm(forms.Form):
    """The roles a person holds."""

    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
        help_text="What each may see and do stands in one policy table.",
    )


class PersonForm(RolesForm):
    """Who a person is here: what only an administrator changes."""

    name = forms.CharField(max_length=120)
    title = forms.CharField(max_length=120, required=False)
    time_zone = forms.ChoiceField(label="Time zone", choices=ZONES)
    hourly_cost = forms.DecimalField(
        label="Hourly cost", required=False, min_value=0, max_digits=8, decimal_places=2, localize=False
    )

    field_order = ("name", "title", "time_zone", "hourly_cost", "roles")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "name": person.name,
            "title": person.title,
            "time_zone": person.time_zone,
            "hourly_cost": person.hourly_cost,
            "roles": list(person.role_grants.values_list("role", flat=True)),
        }
        super().__init__(*args, **kwargs)
        self.fields["hourly_cost"].help_text = f"In {person.organisation.currency}; figures of value use it."


class AbilitiesForm(forms.Form):
    """What a person can do and how much they hold: routing gives them work by it."""

    capacity = forms.IntegerField(
        min_value=0,
        max_value=MOST_CAPACITY,
        help_text="Ordinary conversations at once: an urgent one takes one and a half, one that waits for the customer "
        "a quarter, and an objective may weigh more. With none, no work is given.",
    )
    languages = LanguagesField()
    topics = TopicsField(
        required=False,
        max_length=600,
        help_text="With commas between them, such as: delivery, billing, app and site. Routing prefers who knows one.",
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        skills = list(person.skills.order_by("value"))
        kwargs["initial"] = {
            "capacity": person.capacity,
            "languages": {one.value: one.level for one in skills if one.kind == SkillKind.LANGUAGE},
            "topics": [one.value for one in skills if one.kind == SkillKind.TOPIC],
        }
        super().__init__(*args, **kwargs)


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


class PromiseForm(forms.Form):
    """A promise's terms."""

    name = forms.CharField(max_length=80)
    objective = forms.ModelChoiceField(Objective.objects.none(), required=False, empty_label="any")
    urgency_at_least = forms.TypedChoiceField(
        label="Urgency from", coerce=int, choices=[(level, name) for level, name in URGENCIES.items()]
    )
    first_response_seconds = LengthField(label="First response", help_text="Such as 15m, 4h or 1h 30m.")
    resolution_seconds = LengthField(label="Resolution", required=False, help_text="Empty: none is promised.")
    hours = forms.ChoiceField(label="Counts", choices=Hours.choices)
    pauses_while_waiting = forms.BooleanField(
        label="The resolution clock stands still while we wait for the customer", required=False
    )

    def __init__(self, *args: Any, organisation: Organisation, policy: SLAPolicy | None = None, **kwargs: Any) -> None:
        shown = policy or SLAPolicy(organisation=organisation)
        kwargs["initial"] = {name: getattr(shown, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.fields["objective"].queryset = Objective.objects.filter(organisation=organisation)  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        """The terms of a valid form."""
        return Terms(**self.cleaned_data)


class SurveyForm(forms.Form):
    """Which customers are asked how it went, and when. The channel is chosen once."""

    channel = forms.ModelChoiceField(Channel.objects.none(), required=False, empty_label="every other channel")
    asks = forms.BooleanField(label="Ask the customers of this channel", required=False)
    wait_seconds = LengthField(label="After the resolution", help_text="Such as 1h; asked only if it still stands.")
    pause_days = forms.IntegerField(
        label="Days until the same customer may be asked again", min_value=1, max_value=MOST_PAUSE_DAYS
    )
    asks_in_public = forms.BooleanField(
        label="Also ask in public threads",
        required=False,
        help_text="Anybody who reads the thread could use the link there; private conversations are always asked.",
    )

    def __init__(self, *args: Any, workspace: Workspace, policy: SurveyPolicy | None = None, **kwargs: Any) -> None:
        shown = policy or SurveyPolicy(workspace=workspace)
        kwargs["initial"] = {name: getattr(shown, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if policy is not None:
            del self.fields["channel"]
        else:
            self.fields["channel"].queryset = Channel.objects.filter(workspace=workspace)  # type: ignore[attr-defined]

    def asking(self) -> Asking:
        """The terms of a valid form."""
        return Asking(**{name: value for name, value in self.cleaned_data.items() if name != "channel"})


class ApprovalPolicyForm(forms.Form):
    """Which replies need approval."""

    name = forms.CharField(max_length=80)
    objective = forms.ModelChoiceField(Objective.objects.none(), required=False, empty_label="any")
    department = forms.ModelChoiceField(Department.objects.none(), required=False, empty_label="any")
    author_role = forms.ChoiceField(
        label="Written by people with the role", choices=[("", "any"), *ROLES], required=False
    )
    approvers_count = forms.IntegerField(
        label="Approvers", min_value=1, max_value=MOST_APPROVERS, help_text="How many say yes; never the author."
    )

    def __init__(
        self, *args: Any, organisation: Organisation, policy: ApprovalPolicy | None = None, **kwargs: Any
    ) -> None:
        shown = policy or ApprovalPolicy(organisation=organisation)
        kwargs["initial"] = {name: getattr(shown, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.fields["objective"].queryset = Objective.objects.filter(organisation=organisation)  # type: ignore[attr-defined]
        self.fields["department"].queryset = organisation.departments.all()  # type: ignore[attr-defined]

    def condition(self) -> Condition:
        """The condition of a valid form."""
        return Condition(**self.cleaned_data)


class AccountableForm(forms.Form):
    """Which department answers for a channel; and, where pictures can go out, whether they have to be described."""

    accountable = forms.ModelChoiceField(Department.objects.none(), empty_label=None, label="Accountable department")
    needs_alt_text = forms.BooleanField(
        required=False,
        label="A picture without a description does not leave",
        help_text="Otherwise whoever answers is only reminded.",
    )

    def __init__(self, *args: Any, organisation: Organisation, sends_media: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sends_media:
            del self.fields["needs_alt_text"]
        self.fields["accountable"].queryset = organisation.departments.all()  # type: ignore[attr-defined]
