"""The first person of an installation: at an address that `choir up` prints while nobody is there."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from choir.administration.people import PeopleRefusedError, found_organisation
from choir.installation.beginning import token_to_begin
from choir.people.models import Organisation, Person
from choir.web.access import public


class BeginForm(forms.Form):
    """An organisation and the person who runs it."""

    name = forms.CharField(label=_("Your organisation's name"), max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Its time zone"),
        choices=[(one, one.replace("_", " ")) for one in sorted(available_timezones())],
        initial="UTC",
    )
    person_name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("As colleagues know you."))
    email = forms.EmailField(label=_("Your e-mail"), help_text=_("You sign in with it."))
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), validators=[validate_password]
    )


def nobody_is_here() -> bool:
    """Whether the first person has still to be made; the demo's people do not count."""
    return not Organisation.objects.filter(is_demo=False, people__isnull=False).exists()


@public
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Makes the first organisation and its administrator, who is signed in. 404 for whoever does not know the address
    and for everybody once somebody is there."""
    if not hmac.compare_digest(token, token_to_begin(settings.SECRET_KEY)) or not nobody_is_here():
        raise Http404("There is nothing to begin here.")
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            founder = found_organisation(**form.cleaned_data, at=timezone.now())
        except PeopleRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            get_adapter(request).login(request, _signing_in(founder))
            return redirect("home")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "signin/begin.html", {"form": form}, status=status)


def _signing_in(founder: Person) -> Person:
    """The person with the way they proved who they are, which Django keeps in the session."""
    founder.backend = settings.AUTHENTICATION_BACKENDS[-1]
    return founder
