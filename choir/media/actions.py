"""What comes with what customers say: that it is there, is forgotten with their words, is tried again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from choir.inbox.actions import NotPossibleError, held
from choir.inbox.live import announce
from choir.inbox.models import Message
from choir.listening.models import Mention
from choir.media.models import Attachment, AttachmentState
from choir.people.models import Person
from choir.people.policy import Permission
from choir.rows import insert
from choir.wake import Step, wake


def attach(mentions: Iterable[Mention], *, at: dt.datetime) -> None:
    """Have whatever came with these mentions fetched; what is known already stays as it is."""
    rows = [
        Attachment(
            workspace_id=mention.workspace_id,
            mention=mention,
            place=place,
            kind=one["kind"],
            address=one["url"],
            name=one["name"],
            alt_text=one["alt_text"],
            due_at=at,
            created_at=at,
        )
        for mention in mentions
        for place, one in enumerate(mention.media)
    ]
    if rows:
        insert(rows, skips_known=True)
        wake(Step.MEDIA)


def follow(mentions: Iterable[Mention], *, at: dt.datetime) -> None:
    """After their authors changed them: what came with them before is forgotten, save what is still there."""
    changed = []
    for mention in mentions:
        stated = [(one["url"], one["name"], one["alt_text"]) for one in mention.media]
        known = list(mention.attachments.order_by("place").values_list("address", "name", "alt_text"))
        if stated != known:
            changed.append(mention)
    forget(changed)
    attach(changed, at=at)


def forget(mentions: Iterable[Mention]) -> None:
    """Their authors took them back: nothing of what came with them stays. The content goes with the next look for
    files that nothing refers to."""
    removed, _ = Attachment.objects.filter(mention__in=list(mentions)).delete()
    if removed:
        wake(Step.MEDIA)


@transaction.atomic
def try_again(attachment: Attachment, *, by: Person, at: dt.datetime) -> None:
    """Fetch once more what could not be fetched. Refuses what is here already, and people who may not write here."""
    message = Message.objects.select_related("conversation").filter(mention=attachment.mention).first()
    if attachment.mention is None or message is None:
        raise NotPossibleError("This did not come from outside, so there is nothing to fetch.")
    conversation = held(message.conversation)
    conversation.require(by, Permission.CONVERSATION_NOTE)
    row = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
    if row.state == AttachmentState.KEPT:
        raise NotPossibleError("It is here already.")
    row.state, row.due_at, row.attempts_count, row.because = AttachmentState.WAITING, at, 0, ""
    row.save(update_fields=["state", "due_at", "attempts_count", "because"])
    announce([conversation], what="message")
    wake(Step.MEDIA)
