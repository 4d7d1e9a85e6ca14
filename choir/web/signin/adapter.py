"""What Choir adds to django-allauth: nobody signs up by themselves, and coming and going is recorded."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from choir.events.actions import record
from choir.flow.presence import change_presence
from choir.people.models import Person, Presence


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Every way of signing in and out passes here, the demo's one click as well."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an administrator adds people."""
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        """Signs in, records it, and brings whoever was offline online."""
        super().login(request, user)
        now = timezone.now()
        record(
            verb="person.signed_in",
            subject=user,
            organisation_id=user.organisation_id,
            workspace_id=None,
            at=now,
            by=user,
        )
        if user.presence == Presence.OFFLINE:
            change_presence(user, to=Presence.ONLINE, at=now)

    def logout(self, request: HttpRequest) -> None:
        """Signs out; whoever is gone is given no work."""
        if isinstance(request.user, Person):
            change_presence(request.user, to=Presence.OFFLINE, at=timezone.now())
        super().logout(request)
