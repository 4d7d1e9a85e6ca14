"""What follows from having heard: states, clocks, events and notices, for live channels; and for imported history,
states alone (its events are recorded with their true times when the import ends, see `choir.flow.import_file`)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.db.models import F, Min

from choir.channels.models import Channel
from choir.events.actions import event, record_many
from choir.events.models import Event
from choir.inbox import clocks
from choir.inbox.live import announce
from choir.inbox.models import Conversation, Direction, Message, State
from choir.inbox.returning import asked_again
from choir.inbox.threads import Appended
from choir.rows import write_back

HISTORY = "import"
"""The connector whose channels hold history: nobody is waiting on them for us."""

SETTLED = ("state", "state_at", "snoozed_until", "waiting_since", "due_at", "return_at")
CLOSED = {State.RESOLVED, State.SNOOZED, State.NOTED}


def consequences(channel: Channel, appended: Appended, *, at: dt.datetime) -> None:
    """Bring states, clocks, the record and open pages in line with what was appended."""
    if channel.connector == HISTORY:
        _file_away(appended, at=at)
        return
    stored = {pk: _settled(conversation) for pk, conversation in appended.conversations.items()}
    events = appended.merged + _arrived(appended) + _spoken(channel, appended)
    events += _move(appended, at=at)
    _save([one for pk, one in appended.conversations.items() if _settled(one) != stored[pk]])
    record_many(events)
    known = [one for one in appended.conversations.values() if one.state != State.ARRIVING]
    announce(known, what="message")


def _move(appended: Appended, *, at: dt.datetime) -> list[Event]:
    """Let what the customer has taken up again arrive anew, and let clocks follow who waits for whom."""
    events: list[Event] = []
    waiting_again = []
    for pk, conversation in appended.conversations.items():
        before = appended.before[pk]
        waits = conversation.waiting_since is not None
        if before.is_new:
            if conversation.first_inbound_at is None:
                _set(conversation, State.NOTED, at=at)
                events.append(
                    about_conversation(
                        conversation, "conversation.noted", at, "We spoke first; nobody has answered yet."
                    )
                )
        elif before.state in CLOSED:
            if waits and any(message.conversation_id == pk for message in appended.inbound):
                _set(conversation, State.ARRIVING, at=at)  # routing gives it back to its owner, with the reason
            else:
                conversation.waiting_since = None
        elif before.state == State.OPEN and waits != before.was_waiting:
            if waits:
                clocks.on_customer_waiting(conversation, at=at)
                waiting_again.append(conversation)
            else:
                clocks.on_answer(conversation, at=conversation.last_outbound_at or at)
    asked_again(waiting_again, at=at)
    return events


def _set(conversation: Conversation, state: State, *, at: dt.datetime) -> None:
    conversation.state, conversation.state_at, conversation.snoozed_until = state, at, None


def _file_away(appended: Appended, *, at: dt.datetime) -> None:
    """History: answered is resolved when we had the last word; unanswered is noted until the import ends."""
    for conversation in appended.conversations.values():
        answered_at = conversation.last_outbound_at
        if conversation.waiting_since is None and answered_at is not None:
            _set(conversation, State.RESOLVED, at=answered_at)
        else:
            _set(conversation, State.NOTED, at=conversation.last_message_at)
    _save(list(appended.conversations.values()))


def _settled(conversation: Conversation) -> list[object]:
    """What is decided here; most of what is heard leaves it as it is, and is not written twice."""
    return [getattr(conversation, name) for name in SETTLED]


def _save(conversations: list[Conversation]) -> None:
    write_back(conversations, SETTLED)


def _arrived(appended: Appended) -> list[Event]:
    return [
        about_conversation(
            conversation, "conversation.arrived", conversation.first_inbound_at or conversation.last_message_at
        )
        for pk, conversation in appended.conversations.items()
        if appended.before[pk].is_new
    ]


def _spoken(channel: Channel, appended: Appended) -> list[Event]:
    """One event a message, at its true time; a first answer tells how long the customer waited for it."""
    events = [received(message, message.conversation, channel) for message in appended.inbound]
    first_answers = _first_answers(appended)
    events += [
        sent(message, message.conversation, channel, is_first=message.at == first_answers.get(message.conversation_id))
        for message in appended.outbound
    ]
    return events


def _first_answers(appended: Appended) -> dict[uuid.UUID, dt.datetime]:
    """When each conversation was first answered, of those to which an answer of ours was appended: one query."""
    answers = Message.objects.filter(
        conversation__in={message.conversation_id for message in appended.outbound},
        direction=Direction.OUTBOUND,
        sent_at__isnull=False,
        at__gte=F("conversation__first_inbound_at"),
    )
    return dict(answers.values("conversation").annotate(first=Min("at")).values_list("conversation", "first"))


def received(message: Message, conversation: Conversation, channel: Channel) -> Event:
    """The event of one thing a customer said."""
    facts = {"message": str(message.pk), "mention": str(message.mention_id), "channel": str(channel.pk)}
    return about_conversation(conversation, "message.received", message.at, facts=facts)


def sent(message: Message, conversation: Conversation, channel: Channel, *, is_first: bool) -> Event:
    """The event of one thing we said with another tool; a first answer has its response time."""
    facts: dict[str, object] = {"message": str(message.pk), "channel": str(channel.pk)}
    if is_first and conversation.first_inbound_at is not None:
        waited = message.at - conversation.first_inbound_at
        facts["first_response_seconds"] = max(0, int(waited.total_seconds()))
    return about_conversation(conversation, "message.sent", message.at, "Written with another tool.", facts)


def about_conversation(
    conversation: Conversation, verb: str, at: dt.datetime, because: str = "", facts: Mapping[str, object] | None = None
) -> Event:
    """An event of a conversation, with the department that has it."""
    return event(
        verb=verb,
        subject=conversation,
        organisation_id=conversation.workspace.organisation_id,
        workspace_id=conversation.workspace_id,
        at=at,
        because=because,
        facts={"department": str(conversation.department_id or "")} | dict(facts or {}),
    )
