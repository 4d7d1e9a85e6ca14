"""What a customer fills in on the sandbox network."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from choir.sandbox.actions import LONGEST_ALT_TEXT, LONGEST_TEXT, PICTURE_TYPES
from choir.sandbox.models import Account, Post

KINDS = [("post", _("Post")), ("direct", _("Direct message")), ("review", _("Review with stars"))]
STARS = [("", "–"), *((str(n), "★" * n) for n in range(5, 0, -1))]


class SaidForm(forms.Form):
    """One thing said as a customer; `answers` names the post it answers."""

    template_name = "parts/fields.html"

    name = forms.CharField(label=_("Your name"), max_length=60, help_text=_("Any name you like; no account needed."))
    company = forms.ModelChoiceField(Account.objects.none(), label=_("To"), empty_label=None)
    kind = forms.ChoiceField(label=_("As"), choices=KINDS, initial="post")
    stars = forms.ChoiceField(label=_("Stars"), choices=STARS, required=False)
    text = forms.CharField(label=_("Text"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}))
    picture = forms.FileField(
        label=_("Picture"), required=False, widget=forms.FileInput(attrs={"accept": ",".join(PICTURE_TYPES)})
    )
    alt_text = forms.CharField(
        label=_("What the picture shows"), required=False, max_length=LONGEST_ALT_TEXT,
        help_text=_("For those who do not see it."),
    )  # fmt: skip
    answers = forms.ModelChoiceField(
        Post.objects.none(), required=False, widget=forms.HiddenInput, error_messages={"invalid_choice": _("Gone.")}
    )

    def __init__(self, *args: Any, companies: list[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        company, answers = self.fields["company"], self.fields["answers"]
        assert isinstance(company, forms.ModelChoiceField)
        assert isinstance(answers, forms.ModelChoiceField)
        company.queryset = Account.objects.filter(pk__in=[one.pk for one in companies])
        answers.queryset = Post.objects.filter(company__in=companies, deleted_at=None)
        company.initial = companies[0].pk
        if len(companies) == 1:
            company.widget = forms.HiddenInput()
            company.choices = [(companies[0].pk, str(companies[0]))]

    def clean(self) -> dict[str, Any]:
        """A review has stars, nothing else does."""
        said = super().clean() or {}
        if said.get("answers") is not None:
            said["kind"] = ""
        if said.get("kind") == "review" and not said.get("stars"):
            self.add_error("stars", _("A review has stars. Choose how many."))
        return said


def handle_of(name: str) -> str:
    """The handle under which a name goes on the network."""
    return slugify(name, allow_unicode=True)[:60] or "somebody"
