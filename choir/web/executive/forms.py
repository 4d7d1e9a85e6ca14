"""What is filled in on the executive pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.people.models import Department, Workspace
from choir.web.committee.forms import WEEKDAYS


class QuestionForm(forms.Form):
    """A question to a department about a customer."""

    department = forms.ModelChoiceField(Department.objects.none(), label=_("Whom"), empty_label=_("Choose one"))
    question = forms.CharField(label=_("Your question"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = Department.objects.filter(organisation=workspace.organisation_id)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]


class WishForm(forms.Form):
    """What a leader would like to say."""

    wish = forms.CharField(
        label=_("What you would like to say"), required=False, max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("In a few words; the team finds the rest."),
    )  # fmt: skip


class WeekdayForm(forms.Form):
    """On which day the brief is written."""

    weekday = forms.TypedChoiceField(label=_("Written on"), choices=WEEKDAYS, coerce=int)
