"""Signing in with one click, in the demo alone."""

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from choir.web.access import public
from choir.web.signin.demo import demo_people


@public
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as the person of the demo company whose e-mail was posted.

    404 for everybody else, and for everybody where the operator did not set CHOIR_DEMO_SIGN_IN.
    """
    person = demo_people().filter(email=request.POST.get("email", "")).first()
    if person is None:
        raise Http404("One click signs in only as people of the demo company.")
    get_adapter(request).login(request, person)
    return redirect("home")
