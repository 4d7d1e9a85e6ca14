"""Signing in with one click, in the demo alone."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from choir.people.models import Presence
from choir.web.access import public
from choir.web.signin.demo import demo_people

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as the person of the demo company whose e-mail was posted, and puts them online.

    404 for everybody else, and for everybody where the operator did not set CHOIR_DEMO_SIGN_IN.
    """
    person = demo_people().filter(email=request.POST.get("email", "")).first()
    if person is None:
        raise Http404("One click signs in only as people of the demo company.")
    login(request, person, backend=BACKEND)
    person.set_presence(Presence.ONLINE, at=timezone.now())
    return redirect("home")
