"""What a person fills in to find and to write knowledge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.knowledge.actions import AnswerText, MacroText, words_in
from choir.knowledge.models import Answer, Macro
from choir.knowledge.queries import PLACEHOLDERS
from choir.people.models import Department, Organisation, Person
from choir.routing.choose import language_name
from choir.web.inbox.filters import COMMON_LANGUAGES


def language_choices(languages: Iterable[str]) -> list[tuple[str, Any]]:
    """Any, then these and common languages by name."""
    codes = {*languages, *COMMON_LANGUAGES} - {""}
    return [("", _("Any")), *sorted(((code, language_name(code)) for code in codes), key=lambda one: str(one[1]))]


class KnowledgeFilter(forms.Form):
    """Filters that live in the address; an empty one does not filter, and what is not understood is left out."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label=_("Any")
    )
    expired = forms.BooleanField(label=_("Expired only"), required=False)
    after = forms.UUIDField(required=False)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = organisation.departments.all()  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def asked(self) -> dict[str, Any]:
        """What was understood."""
        return self.cleaned_data

    @property
    def kept(self) -> dict[str, str]:
        """The query string's fields without where to read on."""
        asked, department = self.asked, self.asked.get("department")
        fields = {
            "q": asked.get("q", ""),
            "department": str(department.pk) if department else "",
            "expired": "on" if asked.get("expired") else "",
        }
        return {name: value for name, value in fields.items() if value}


class AnswerForm(forms.Form):
    """An answer's words, owner and end."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("The question as a colleague would ask it."))
    text = forms.CharField(label=_("Answer"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}))
    language = forms.ChoiceField(label=_("Language"), required=False)
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), empty_label=_("Choose one"))
    owner = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Owner"),
        empty_label=_("Choose one"),
        help_text=_("Who is asked when it may no longer be true."),
    )
    expires_on = forms.DateField(
        label=_("Holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("After this day it is no longer offered beside replies, until somebody looks at it again."),
    )
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=600, help_text=_("Words it is found by, with commas between them.")
    )

    def __init__(self, *args: Any, organisation: Organisation, languages: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices(languages)  # type: ignore[attr-defined]
        self.fields["department"].queryset = organisation.departments.all()  # type: ignore[attr-defined]
        people = organisation.people.filter(is_active=True)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    @property
    def told(self) -> AnswerText:
        """The answer as the action takes it."""
        chosen = self.cleaned_data
        return AnswerText(
            title=" ".join(chosen["title"].split()),
            text=chosen["text"],
            language=chosen["language"],
            department=chosen["department"],
            owner=chosen["owner"],
            expires_on=chosen["expires_on"],
            tags=words_in(chosen["tags"]),
        )


class MacroForm(forms.Form):
    """A macro's words and what happens with it."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What people type after / to find it."))
    text = forms.CharField(label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}))
    language = forms.ChoiceField(label=_("Language"), required=False)
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label=_("Everyone's")
    )
    labels = forms.CharField(
        label=_("Labels it puts on"), required=False, max_length=600, help_text=_("With commas between them.")
    )
    resolves = forms.BooleanField(label=_("Usually ends with “Send and resolve”"), required=False)

    def __init__(self, *args: Any, organisation: Organisation, languages: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices(languages)  # type: ignore[attr-defined]
        self.fields["department"].queryset = organisation.departments.all()  # type: ignore[attr-defined]

    @property
    def told(self) -> MacroText:
        """The macro as the action takes it."""
        chosen = self.cleaned_data
        return MacroText(
            name=" ".join(chosen["name"].split()),
            text=chosen["text"],
            language=chosen["language"],
            department=chosen["department"],
            labels=words_in(chosen["labels"]),
            resolves=chosen["resolves"],
        )


def answer_values(answer: Answer) -> dict[str, Any]:
    """An answer as the form shows it."""
    return {
        "title": answer.title,
        "text": answer.text,
        "language": answer.language,
        "department": answer.department_id,
        "owner": answer.owner_id,
        "expires_on": answer.expires_on,
        "tags": ", ".join(answer.tags),
    }


def macro_values(macro: Macro) -> dict[str, Any]:
    """A macro as the form shows it."""
    return {
        "name": macro.name,
        "text": macro.text,
        "language": macro.language,
        "department": macro.department_id,
        "labels": ", ".join(macro.labels),
        "resolves": macro.resolves,
    }


# What each placeholder becomes; an empty name leaves no gap in front of a comma.
MEANINGS = dict(
    zip(
        PLACEHOLDERS,
        (_("the customer's first name, nothing when it is not known"), _("the first name of whoever replies")),
        strict=True,
    )
)
