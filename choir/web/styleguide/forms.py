"""A form with every kind of field, for the style guide."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SampleForm(forms.Form):
    """Never saved."""

    name = forms.CharField(label=_("Name"), help_text=_("As colleagues see it."), max_length=80)
    email = forms.EmailField(label=_("E-mail"))
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("de", "Deutsch"), ("ar", "العربية")])
    about = forms.CharField(label=_("About"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("system", _("System")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
        initial="system",
    )
    receives_digest = forms.BooleanField(label=_("Receive a digest each morning"), required=False)
    employee_number = forms.CharField(label=_("Employee number"), disabled=True, initial="4711", required=False)
