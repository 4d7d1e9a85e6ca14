"""What happened in a conversation, in words: each verb of the record has a drawing and a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from choir.events.models import Event
from choir.inbox.models import Consult, Direction, Message, Note
from choir.media.models import Attachment
from choir.outbound.models import Delivery
from choir.triage.models import Reading
from choir.triage.personal import Kind, personal_data

FOLDED_FROM = 3  # so many events in a row are folded into one line

VERBS: dict[str, tuple[str, Any]] = {
    "conversation.arrived": ("inbox", _("Arrived")),
    "conversation.routed": ("handover", _("Routed to %(department_name)s")),
    "conversation.assigned": ("assign", _("%(by)s assigned it to %(name)s")),
    "conversation.returned": ("history", _("Moved on by itself")),
    "conversation.handed_over": ("handover", _("%(by)s handed it over from %(from_name)s to %(to_name)s")),
    "conversation.snoozed": ("snooze", _("%(by)s snoozed it")),
    "conversation.grew_urgent": ("problems", _("Became urgent")),
    "conversation.woken": ("snooze", _("Awake again")),
    "conversation.resolved": ("resolve", _("%(by)s resolved it")),
    "conversation.reopened": ("reopen", _("%(by)s reopened it")),
    "conversation.noted": ("note", _("Noted: no reply is needed")),
    "reading.corrected": ("edit", _("%(by)s corrected how it was understood")),
    "message.edited": ("edit", _("A message was changed on the network")),
    "message.removed": ("close", _("A message was taken back on the network")),
    "answer.removed": ("close", _("%(by)s took an answer off the network")),
    "message.hidden": ("eye", _("%(by)s hid a message on the network")),
    "message.shown": ("eye", _("%(by)s had a message shown again on the network")),
    "message.reported": ("problems", _("%(by)s reported a message to the network")),
    "moderation.failed": ("problems", _("The network did not do what %(by)s asked for")),
    "moderation.unsure": ("problems", _("Nobody can tell whether a report got through")),
    "note.added": ("note", _("%(by)s added a note")),
    "consult.asked": ("consult", _("%(by)s asked a colleague")),
    "consult.answered": ("consult", _("%(by)s answered a question")),
    "approval.asked": ("approval", _("%(by)s asked for approval")),
    "approval.approved": ("approval", _("%(by)s approved the answer")),
    "approval.supported": ("approval", _("%(by)s said yes")),
    "approval.declined": ("approval", _("%(by)s declined the answer")),
    "approval.withdrawn": ("approval", _("%(by)s took the answer back")),
    "approval.expired": ("approval", _("Nobody decided in time")),
    "approval.overtaken": ("approval", _("The answer was overtaken")),
    "delivery.started": ("send", _("%(by)s wrote an answer")),
    "delivery.undone": ("reopen", _("%(by)s took the answer back")),
    "delivery.unsure": ("problems", _("Nobody can tell whether the answer got through")),
    "delivery.failed": ("problems", _("The answer could not be delivered")),
    "delivery.returned": ("problems", _("The answer came back undelivered")),
    "delivery.retried": ("history", _("%(by)s tried again")),
    "survey.asked": ("send", _("The customer was asked how it went")),
    "survey.answered": ("mood-positive", _("The customer said how it went: %(score)s of 5")),
    "survey.commented": ("note", _("The customer added words to their answer")),
    "label.put": ("label", _("%(by)s put the label %(label)s on it")),
    "label.taken": ("label", _("%(by)s took the label %(label)s off")),
}
SHOWN_ITSELF = {"note.added", "consult.asked", "consult.answered", "delivery.started", "moderation.asked"}


class Piece(NamedTuple):
    """A piece of a message: among the words that led to a reading, or personal data that is shown on demand."""

    words: str
    is_telling: bool = False
    hidden: str = ""  # in words: what kind of personal data it is


# How many words of a field are marked in the message, strongest first: those of what it is here for, how soon, and in
# which mood. All others stand under Why, each beside its field; marked as well, they would be half of a short message.
MARKED = {"objective": 3, "urgency": 2, "sentiment": 2}

HIDDEN = {
    Kind.CARD: _("card number"),
    Kind.IBAN: _("bank account"),
    Kind.EMAIL: _("e-mail address"),
    Kind.PHONE: _("telephone number"),
    Kind.ADDRESS: _("postal address"),
}


@dataclass(slots=True)
class Turn:
    """One thing in the thread: a message, a note, a consult, an event, or several events folded."""

    kind: str
    at: Any
    message: Message | None = None
    note: Note | None = None
    consult: Consult | None = None
    lines: list[dict[str, Any]] | None = None
    state: str = ""
    because: str = ""
    delivery: Delivery | None = None
    parts: list[Piece] | None = None
    attachments: list[Attachment] | None = None
    standing: Any = None

    @property
    def consult_path(self) -> str:
        """The consult's id as it stands in an address."""
        return str(self.consult.pk) if self.consult else ""


def turns(
    messages: Sequence[Message],
    notes: Sequence[Note],
    consults: Sequence[Consult],
    events: Sequence[Event],
    *,
    reading: Reading | None,
    deliveries: Mapping[Any, Delivery],
    attachments: Mapping[Any, list[Attachment]],
    standings: Mapping[Any, Any],
) -> list[Turn]:
    """Everything in the order in which it happened, events in a row folded together. In the message that was read, the
    words that led to the reading are set apart."""
    found = [_message_turn(message, deliveries.get(message.pk)) for message in messages]
    for turn in found:
        turn.attachments = attachments.get(turn.message.pk) if turn.message is not None else None
        turn.standing = standings.get(turn.message.pk) if turn.message is not None else None
        if turn.message is not None and turn.message.direction == Direction.INBOUND:
            is_read = reading is not None and turn.message.mention_id == reading.mention_id
            turn.parts = told_apart(turn.message.text, _marked(reading) if is_read and reading else [])
    found = [turn for turn in found if turn.state != "undone"]  # the timeline says that it was taken back
    found += [Turn("note", note.at, note=note) for note in notes]
    found += [Turn("consult", consult.asked_at, consult=consult) for consult in consults]
    found += [Turn("events", event.at, lines=[line(event)]) for event in events if event.verb not in SHOWN_ITSELF]
    found.sort(key=lambda turn: turn.at)
    folded: list[Turn] = []
    for turn in found:
        if turn.kind == "events" and folded and folded[-1].kind == "events":
            folded[-1].lines = [*(folded[-1].lines or []), *(turn.lines or [])]
        else:
            folded.append(turn)
    return folded


def _marked(reading: Reading) -> list[str]:
    return [word for field, most in MARKED.items() for word in reading.words.get(field, [])[:most]]


def told_apart(text: str, words: Sequence[str] = ()) -> list[Piece] | None:
    """A text in pieces: words that led to a reading, and personal data; None when neither is in it."""
    pieces: list[Piece] = []
    last = 0
    for span in personal_data(text):
        pieces += [
            *_telling(text[last : span.begin], words),
            Piece(text[span.begin : span.end], hidden=str(HIDDEN[span.kind])),
        ]
        last = span.end
    pieces += _telling(text[last:], words)
    return pieces if any(piece.is_telling or piece.hidden for piece in pieces) else None


def _telling(text: str, words: Sequence[str]) -> list[Piece]:
    looked_for = sorted({word for word in words if word and word in text}, key=len, reverse=True)
    if not looked_for:
        return [Piece(text)] if text else []
    split = re.split("(" + "|".join(re.escape(word) for word in looked_for) + ")", text)
    return [Piece(piece, place % 2 == 1) for place, piece in enumerate(split) if piece]


def line(event: Event) -> dict[str, Any]:
    """One event as a line of the timeline."""
    icon, sentence = VERBS.get(event.verb, ("history", event.verb.replace(".", " ").replace("_", " ").capitalize()))
    by = event.by_name or "Choir"
    facts = {key: value for key, value in event.facts.items() if isinstance(value, str | int)}
    if event.verb == "conversation.assigned" and not facts.get("name"):
        sentence = _("%(by)s gave it back to the team")
    try:
        words = str(sentence) % {"by": by, **facts}
    except (KeyError, ValueError, TypeError):
        words = f"{by}: {event.verb.replace('.', ' ').replace('_', ' ')}"
    return {"id": event.pk, "icon": icon, "sentence": words, "because": event.because, "at": event.at}


def _message_turn(message: Message, delivery: Delivery | None) -> Turn:
    states = {"waiting": "pending", "sending": "pending"} | {
        one: one for one in ("unsure", "failed", "returned", "undone")
    }
    state = states.get(delivery.state, "") if delivery else ""
    because = delivery.because if delivery and state else ""
    return Turn("message", message.at, message=message, state=state, because=because, delivery=delivery)
