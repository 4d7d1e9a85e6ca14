"""Presence: somebody comes online or goes; waiting work is offered to whoever came."""

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.people.models import Person, Presence
from choir.wake import Step, wake


@transaction.atomic
def change_presence(person: Person, *, to: Presence, at: dt.datetime) -> None:
    """The person is `to` from now on; recorded if it is a change. Whoever comes online is offered what waits."""
    was = person.presence
    person.set_presence(to, at=at)
    if was == to:
        return
    record(
        verb=f"person.{'came_online' if to == Presence.ONLINE else f'went_{to.value}'}",
        subject=person,
        organisation_id=person.organisation_id,
        workspace_id=None,
        at=at,
        by=person,
    )
    if to == Presence.ONLINE:
        wake(Step.ASSIGN)
