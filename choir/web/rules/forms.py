"""A rule as a form: every condition in a field of its own, empty where it does not matter."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.channels.models import Channel
from choir.inbox.models import Label
from choir.people.models import Department, Team, Workspace
from choir.routing.choose import LANGUAGES
from choir.routing.models import Objective
from choir.routing.rules.actions import Outcome
from choir.routing.rules.decide import Condition, conditions_of
from choir.routing.rules.models import Rule
from choir.web.inbox.filters import SENTIMENTS, URGENCIES

EITHER = ("", _("does not matter"))
MANY = ("objective", "channel", "language", "sentiment", "label")
ONE = ("vip", "private", "personal", "urgency", "followers")
THEN = ("department", "team", "urgency_at_least", "because")
MOST_PHRASES = 100


class Ticks(forms.CheckboxSelectMultiple):
    """Several choices, each with its box: usable by keyboard and without JavaScript."""


class RuleForm(forms.Form):
    """Conditions, all of which must hold; and what then happens."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Shown on everything it routes."))
    words = forms.CharField(
        label=_("It says one of these words or phrases"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, or with commas. Whole words, in any case; * at the end allows endings: lawyer*"),
    )
    objective = forms.MultipleChoiceField(label=_("It reads as one of"), required=False, widget=Ticks)
    sentiment = forms.MultipleChoiceField(label=_("Its mood is one of"), required=False, widget=Ticks)
    language = forms.MultipleChoiceField(
        label=_("It is in one of these languages"), choices=list(LANGUAGES.items()), required=False, widget=Ticks
    )
    channel = forms.MultipleChoiceField(label=_("It came on one of"), required=False, widget=Ticks)
    label = forms.MultipleChoiceField(label=_("It is labelled one of"), required=False, widget=Ticks)
    vip = forms.ChoiceField(
        label=_("The customer is a VIP"), choices=[EITHER, ("yes", _("yes")), ("no", _("no"))], required=False
    )
    private = forms.ChoiceField(
        label=_("Where it was said"),
        choices=[EITHER, ("yes", _("in a direct message")), ("no", _("in public"))],
        required=False,
    )
    personal = forms.ChoiceField(
        label=_("It has personal data"), choices=[EITHER, ("yes", _("yes")), ("no", _("no"))], required=False
    )
    urgency = forms.ChoiceField(label=_("It is at least this urgent"), required=False)
    followers = forms.IntegerField(label=_("The customer has at least so many followers"), required=False, min_value=1)
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("It goes to"), required=False, empty_label=_("whoever owns it")
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("In particular to the team"), required=False, empty_label=_("the fitting one")
    )
    urgency_at_least = forms.ChoiceField(label=_("It counts as at least this urgent"), required=False)
    because = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, workspace: Workspace, rule: Rule | None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs["initial"] = _initial(rule)
        super().__init__(*args, **kwargs)
        organisation = workspace.organisation_id
        self._choose("objective", list(Objective.objects.filter(organisation=organisation).values_list("slug", "name")))
        self._choose("sentiment", list(SENTIMENTS))
        self._choose("channel", [(str(one.pk), one.name) for one in Channel.objects.filter(workspace=workspace)])
        self._choose("label", [(str(one.pk), one.name) for one in Label.objects.filter(workspace=workspace)])
        levels: list[tuple[str, str | Promise]] = [(str(level), words) for level, words in URGENCY_WORDS if level]
        self._choose("urgency", [EITHER, *levels])
        self._choose("urgency_at_least", [("", _("as it reads")), *levels])
        self.fields["department"].queryset = Department.objects.filter(organisation=organisation)  # type: ignore[attr-defined]
        teams = Team.objects.filter(department__organisation=organisation).select_related("department")
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if name in MANY and not choices:
            del self.fields[name]

    @property
    def when(self) -> list[forms.BoundField]:
        """The conditions."""
        return [self[name] for name in self.fields if name not in ("name", *THEN)]

    @property
    def then(self) -> list[forms.BoundField]:
        """What then happens, and why."""
        return [self[name] for name in THEN]

    def clean_words(self) -> list[str]:
        """Phrases, each once, in the order given."""
        found = [one.strip() for one in re.split(r"[\n,]", self.cleaned_data["words"]) if one.strip(" *")]
        if len(found) > MOST_PHRASES:
            raise forms.ValidationError(_("At most %s phrases: split the rule in two.") % MOST_PHRASES)
        return list(dict.fromkeys(found))

    def conditions(self) -> list[Condition]:
        """What was filled in, as conditions."""
        chosen = self.cleaned_data
        found = [Condition("words", tuple(chosen["words"]))] if chosen.get("words") else []
        found += [Condition(name, tuple(chosen[name])) for name in MANY if chosen.get(name)]
        return found + [Condition(name, (str(chosen[name]),)) for name in ONE if chosen.get(name)]

    def outcome(self) -> Outcome:
        """What then happens."""
        chosen = self.cleaned_data
        urgency = chosen["urgency_at_least"]
        return Outcome(chosen["department"], chosen["team"], int(urgency) if urgency else None)


URGENCY_WORDS: list[tuple[int, str | Promise]] = list(URGENCIES.items())


def _initial(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": rule.name,
        "department": rule.department_id,
        "team": rule.team_id,
        "urgency_at_least": "" if rule.urgency_at_least is None else str(rule.urgency_at_least),
        "because": rule.because,
    }
    for one in conditions_of(rule.conditions):
        if one.kind == "words":
            found["words"] = "\n".join(one.values)
        else:
            found[one.kind] = list(one.values) if one.kind in MANY else one.values[0]
    return found
