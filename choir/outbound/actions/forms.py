"""Which form sent what: the same form with the same text is the same answer, however often it arrives."""

from __future__ import annotations

import hashlib

from choir.ids import new_id
from choir.inbox.models import Conversation
from choir.outbound.models import Delivery, DeliveryState
from choir.people.models import Person


def key_of(conversation: Conversation, *, text: str, token: str, by: Person) -> str:
    """The idempotency key of a form: the same form with the same text is the same answer. Without a form, a new
    answer each time."""
    if not token:
        return new_id().hex
    return hashlib.sha256(f"{conversation.pk}\0{by.pk}\0{token}\0{text}".encode()).hexdigest()


def sent_before(conversation: Conversation, *, text: str, token: str, by: Person) -> Delivery | None:
    """What the same form did when it was sent the first time. One that was taken back since does not count."""
    if not token:
        return None
    key = key_of(conversation, text=text, token=token, by=by)
    found = Delivery.objects.filter(workspace_id=conversation.workspace_id, key=key).first()
    return None if found is None or found.state == DeliveryState.UNDONE else found
