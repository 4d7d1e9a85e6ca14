"""A person's own page."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from choir.flow.presence import change_presence
from choir.people.models import Presence
from choir.web.access import WorkspaceRequest, signed_in
from choir.web.answers import answer
from choir.web.profile.forms import PresenceForm, ProfileForm, ThemeForm


@signed_in
def profile(request: WorkspaceRequest) -> HttpResponse:
    """Shows the profile; a valid POST saves it."""
    form = ProfileForm(request.POST or None, instance=request.person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "person": request.person, "tab": "profile"}
    return answer(request, "profile/profile.html", context, status=status)


@require_POST
@signed_in
def theme(request: WorkspaceRequest) -> HttpResponse:
    """Keeps the chosen theme."""
    form = ThemeForm(request.POST, instance=request.person)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    form.save()
    return HttpResponse(status=HTTPStatus.NO_CONTENT) if request.htmx else redirect("profile")


@require_POST
@signed_in
def presence(request: WorkspaceRequest) -> HttpResponse:
    """Says whether work may be given to the person from now on."""
    form = PresenceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    change_presence(request.person, to=Presence(form.cleaned_data["presence"]), at=timezone.now())
    if not request.htmx:
        return redirect("profile")
    return answer(request, "profile/profile.html", {"person": request.person}, parts=["presence"])
