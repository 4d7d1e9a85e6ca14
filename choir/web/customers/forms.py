"""Which customers to show."""

from django import forms
from django.utils.translation import gettext_lazy as _

from choir.web.inbox.panel import STAGES


class CustomerFilter(forms.Form):
    """Filters that live in the address; an empty one does not filter, and what is not understood is left out."""

    q = forms.CharField(
        label=_("Name or handle"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[("", _("Any")), *STAGES])
    important = forms.BooleanField(label=_("Important customers only"), required=False)
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)
