"""What people do with an answer that has not arrived: take it back, try again, or say what became of it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.inbox.actions import held, tell
from choir.inbox.models import Conversation
from choir.knowledge.reusing import taken_back
from choir.outbound.actions.attaching import comes_back
from choir.outbound.actions.attempts import arrived, mind_problems
from choir.outbound.actions.drafts import give_back
from choir.outbound.models import Delivery, DeliveryState
from choir.outbound.refusals import TooLate
from choir.people.access import NotAllowedError
from choir.people.models import Person
from choir.people.policy import Permission
from choir.wake import Step, wake


@transaction.atomic
def undo(delivery: Delivery, *, by: Person, at: dt.datetime) -> Delivery:
    """Take an answer back before it left; its text is in the author's composer again. Only its author may, and only
    while no attempt has begun: refuses with NotAllowedError or TooLate."""
    conversation, row = hold(delivery)
    if row.message.person_id != by.pk:
        raise NotAllowedError("Only the person who sent this can take it back.")
    if row.state == DeliveryState.UNDONE:
        return row
    if row.state != DeliveryState.WAITING or row.attempts_count:
        raise TooLate("It is already on its way, so it cannot be taken back.")
    _take_back(conversation, row, by=by, at=at, because=f"{by.name} took it back in time.")
    return row


@transaction.atomic
def retry(delivery: Delivery, *, by: Person, at: dt.datetime) -> Delivery:
    """Try again. Where an earlier attempt may have got through, the network is asked first, so that nothing is said
    twice. Refuses when it is not a problem any more."""
    conversation, row = _problem(delivery, by=by)
    if row.state == DeliveryState.RETURNED:
        raise TooLate("It left and came back; the same again would, too. Reach the customer another way.")
    row.state, row.due_at, row.leased_until, row.settled_at = DeliveryState.WAITING, at, None, None
    row.because = f"{by.name} had it tried again."
    row.save(update_fields=["state", "due_at", "leased_until", "settled_at", "because"])
    mind_problems(conversation)
    tell(conversation, "delivery.retried", by=by, at=at, facts={"delivery": str(row.pk)}, what="delivery")
    wake(Step.DELIVER)
    return row


@transaction.atomic
def settle_by_hand(delivery: Delivery, *, was_sent: bool, by: Person, at: dt.datetime) -> Delivery:
    """Say what became of an answer that nobody could tell about: it is on the network (then it counts as sent), or it
    is not (then it is over, and its text is back in the author's composer). Refuses when it is not a problem."""
    conversation, row = _problem(delivery, by=by)
    if was_sent:
        row.because = f"{by.name} saw it on the network."
        arrived(conversation, row, external_id="", url="", sent_at=row.first_attempt_at or at, at=at, by=by)
    else:
        _take_back(conversation, row, by=by, at=at, because=f"{by.name} gave it up: it is not on the network.")
    return row


def hold(delivery: Delivery) -> tuple[Conversation, Delivery]:
    """Conversation first, then the delivery: every action takes them in this order."""
    conversation = held(delivery.message.conversation)
    row = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("message__person", "channel")
        .get(pk=delivery.pk)
    )
    return conversation, row


def _problem(delivery: Delivery, *, by: Person) -> tuple[Conversation, Delivery]:
    conversation, row = hold(delivery)
    conversation.require(by, Permission.CONVERSATION_ANSWER)
    if row.state not in (DeliveryState.UNSURE, DeliveryState.FAILED, DeliveryState.RETURNED):
        raise TooLate(f"This is {row.get_state_display().lower()} now; nothing is left to settle.")
    return conversation, row


def _take_back(conversation: Conversation, row: Delivery, *, by: Person, at: dt.datetime, because: str) -> None:
    row.state, row.settled_at, row.leased_until, row.because = DeliveryState.UNDONE, at, None, because
    row.save(update_fields=["state", "settled_at", "leased_until", "because"])
    conversation.revision += 1
    conversation.messages_count = max(conversation.messages_count - 1, 0)
    conversation.save(update_fields=["revision", "messages_count"])
    mind_problems(conversation)
    comes_back(row.message)
    taken_back(row.message)
    give_back(conversation, text=row.message.text, to=row.message.person, at=at)
    facts = {"delivery": str(row.pk), "message": str(row.message_id)}
    tell(conversation, "delivery.undone", by=by, at=at, because=because, facts=facts, what="delivery")
