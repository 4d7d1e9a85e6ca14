"""Pictures and files that go out with an answer: attached while it is written, described, taken off again. They wait
with the conversation and the person until the answer is sent, and come back to the composer when it was taken back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import QuerySet

from choir.channels import registry
from choir.channels.contract import Capability, Limits
from choir.inbox.actions import held
from choir.inbox.models import Conversation, Message
from choir.legible import cut, legible
from choir.media.keeping import LARGEST, keep
from choir.media.models import Attachment, AttachmentState
from choir.media.pictures import NoPictureError, fit_to_send
from choir.outbound.checks import Finding, Severity
from choir.outbound.models import Approval
from choir.outbound.refusals import CannotAttach
from choir.people.models import Person
from choir.people.policy import Permission
from choir.prepared import Slot, prepared

LONGEST_NAME = 200
USUAL_ALT_TEXT = 1500


def attachable(conversation: Conversation) -> Limits | None:
    """What may be attached to an answer here; None where nothing may."""
    known = registry.manifests().get(conversation.channel.connector)
    if known is None or not {Capability.MEDIA, Capability.REPLY} <= known.capabilities:
        return None
    limits = registry.limits_of(conversation.channel)
    return limits if limits.attachments_with(is_private=conversation.is_private) else None


def attached(conversation: Conversation | Slot, person: Person | Slot) -> QuerySet[Attachment]:
    """What the person's answer here will take along: not what has left, nor what waits for approval."""
    asked = Approval.attachments.through.objects.filter(approval__closed_at=None, approval__conversation=conversation)
    waiting = Attachment.objects.filter(conversation=conversation, person=person, message=None)
    return waiting.exclude(pk__in=asked.values("attachment_id")).select_related("file").order_by("created_at", "id")


@prepared
def going_along(conversation: Slot, person: Slot) -> QuerySet[Attachment]:
    """`attached`, as the composer asks it by their ids each time it is drawn."""
    return attached(conversation, person)


@transaction.atomic
def attach(
    conversation: Conversation, *, name: str, content: bytes, media_type: str, by: Person, at: dt.datetime
) -> None:
    """A picture or file goes along with the person's next answer here. A picture loses where and with what it was
    taken, and is made as small as the network wants it. Nothing is recorded before it is sent. Refuses with
    CannotAttach what the network does not take."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ANSWER)
    limits = attachable(row)
    network = row.channel.network.capitalize()
    if limits is None:
        where = "in public" if registry.limits_of(row.channel).attachments_with(is_private=True) else "from here"
        raise CannotAttach(
            f"Pictures and files cannot be sent to {network} {where}. Write where they can be seen, and name it."
        )
    count, allowed = attached(row, by).count(), limits.attachments_with(is_private=row.is_private)
    if count >= allowed:
        raise CannotAttach(f"{network} takes {allowed} at once. Take one off first.")
    most = limits.attachment_bytes or LARGEST
    if not content:
        raise CannotAttach(f"“{name}” is empty.")
    try:
        content, media_type = fit_to_send(content, most_bytes=most, may_move=limits.takes_moving)
    except NoPictureError as error:
        if not limits.takes_files:
            raise CannotAttach(f"“{name}” cannot be sent. {error}") from None
    if len(content) > most:
        raise CannotAttach(f"“{name}” has {len(content) / 1024**2:.1f} MB; {network} takes {most / 1024**2:.1f}.")
    Attachment.objects.create(
        workspace_id=row.workspace_id,
        conversation=row,
        person=by,
        place=count,
        kind=media_type.partition("/")[0][:20],
        name=cut(name, LONGEST_NAME),
        file=keep(row.workspace_id, content, media_type=media_type, at=at),
        state=AttachmentState.KEPT,
        created_at=at,
    )


def describe(conversation: Conversation, *, alt_texts: Mapping[uuid.UUID, str], by: Person) -> None:
    """Say what pictures show, for those who do not see them; only of what the person is attaching here."""
    for one in attached(conversation, by).filter(pk__in=list(alt_texts)):
        words = legible(alt_texts[one.pk]).strip()
        if words != one.alt_text:
            Attachment.objects.filter(pk=one.pk, message=None).update(alt_text=words)


def detach(conversation: Conversation, *, attachment_id: uuid.UUID, by: Person) -> None:
    """Take one off again; nothing happens when it is not there."""
    attached(conversation, by).filter(pk=attachment_id).delete()


def look_at(conversation: Conversation, attachments: Iterable[Attachment]) -> list[Finding]:
    """What can be said against attachments: a picture that nobody described, or with more words than the network
    takes. The channel decides whether the former stops the answer."""
    limits = registry.limits_of(conversation.channel)
    most = limits.alt_text_characters or USUAL_ALT_TEXT
    severity = Severity.STOP if conversation.channel.needs_alt_text else Severity.WARN
    found = []
    for one in attachments:
        if one.is_shown and not one.alt_text:
            what = f"The picture “{one.name}” has no description."
            found.append(Finding("alt_text", severity, what, "Say in a sentence what it shows."))
        elif len(one.alt_text) > most:
            what = f"The description of “{one.name}” has {len(one.alt_text):,} characters; {most:,} are taken."
            found.append(Finding("alt_text", Severity.STOP, what, "Shorten it."))
    return found


def goes_with(message: Message, attachments: Iterable[Attachment]) -> None:
    """From now on these belong to a message that is to leave. In the caller's transaction."""
    for place, one in enumerate(attachments):
        Attachment.objects.filter(pk=one.pk).update(message=message, place=place)


def comes_back(message: Message) -> None:
    """The message did not leave: what it had is in its author's composer again. In the caller's transaction."""
    Attachment.objects.filter(message=message).update(message=None)
