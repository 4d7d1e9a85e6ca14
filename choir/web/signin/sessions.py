"""Sessions in the database, as Django keeps them, looked up by a question prepared once: every page asks it."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from choir.prepared import Slot, prepared


@prepared
def _living(key: Slot, now: Slot) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(db.SessionStore):
    """One visitor's session."""

    def _get_session_from_db(self) -> Session | None:
        found = _living.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None  # as Django does with a key that it does not know
        return found
