"""What a person may change about themselves."""

import zoneinfo
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from choir.people.models import Person, Presence

if TYPE_CHECKING:
    PersonForm = forms.ModelForm[Person]
else:
    PersonForm = forms.ModelForm  # the type's parameter is the stubs' alone


class ProfileForm(PersonForm):
    """Name, language, time zone and theme."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Every time is shown in it."))
    language = forms.ChoiceField(label=_("Language"))

    class Meta:
        model = Person
        fields = ("name", "language", "time_zone", "theme")
        labels = {"name": _("Name"), "theme": _("Theme")}
        help_texts = {"name": _("As colleagues see it; customers see it where the voice guide signs answers.")}
        widgets = {"theme": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        if len(settings.LANGUAGES) == 1:
            del self.fields["language"]


class ThemeForm(PersonForm):
    """The theme alone."""

    class Meta:
        model = Person
        fields = ("theme",)


class PresenceForm(forms.Form):
    """Whether work may be given to the person."""

    presence = forms.ChoiceField(choices=[(Presence.ONLINE, _("Online")), (Presence.AWAY, _("Away"))])
