"""Drafts save themselves; nothing typed is ever lost."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.inbox.actions import held
from choir.inbox.models import Conversation
from choir.outbound.actions.forms import sent_before
from choir.outbound.handling import looked_seconds, worked_since_saved
from choir.outbound.models import Draft, DraftKind
from choir.people.models import Person
from choir.people.policy import Permission


@transaction.atomic
def save_draft(
    conversation: Conversation,
    *,
    kind: str,
    text: str,
    seen_revision: int,
    by: Person,
    at: dt.datetime,
    token: str = "",
) -> Draft | None:
    """Keep what a person is writing, one draft of a kind and conversation; an empty text discards it. Drafts are
    nobody else's business, so no event is recorded. Refuses people who may not write notes here.

    A composer saves itself as it is left, which is also when it is sent: what the form called `token` has sent already
    is no draft any more. The conversation is held, so that the two come one after the other."""
    conversation.require(by, Permission.CONVERSATION_NOTE)
    if token and sent_before(held(conversation), text=text, token=token, by=by) is not None:
        return None
    if not text.strip():
        discard_draft(conversation, kind=kind, by=by)
        return None
    draft, _ = Draft.objects.update_or_create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        person=by,
        kind=DraftKind(kind),
        defaults={
            "text": text.replace("\0", ""), "seen_revision": seen_revision, "saved_at": at,
            "working_seconds": worked_since_saved(at),
        },
        create_defaults={
            "text": text.replace("\0", ""), "seen_revision": seen_revision, "saved_at": at,
            "working_seconds": looked_seconds(conversation, by=by, at=at) or 0,
        },
    )  # fmt: skip
    return draft


def discard_draft(conversation: Conversation, *, kind: str, by: Person) -> None:
    """Forget a person's own draft; nothing happens when there is none."""
    Draft.objects.filter(conversation=conversation, person=by, kind=DraftKind(kind)).delete()


def give_back(conversation: Conversation, *, text: str, to: Person | None, at: dt.datetime) -> None:
    """Put a reply that did not leave back into its author's composer, behind what they have typed there since."""
    if to is None:
        return
    draft = Draft.objects.filter(conversation=conversation, person=to, kind=DraftKind.REPLY).first()
    if draft is not None and text not in draft.text:
        text = f"{draft.text}\n\n{text}"
    Draft.objects.update_or_create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        person=to,
        kind=DraftKind.REPLY,
        defaults={"text": text, "seen_revision": conversation.revision, "saved_at": at},
    )
