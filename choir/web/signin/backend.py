"""Who is signed in: allauth's way, with the person looked up by a question prepared once, as every page asks it."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from choir.people.models import Person
from choir.prepared import Slot, prepared


@prepared
def _person(pk: Slot) -> QuerySet[Person]:
    return Person.objects.filter(pk=pk)


class SignedIn(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    """By e-mail and password; a person who left is signed in no longer."""

    def get_user(self, user_id: Any) -> Person | None:
        """The person of a session."""
        found = _person.first(pk=user_id)
        return found if found is not None and self.user_can_authenticate(found) else None
