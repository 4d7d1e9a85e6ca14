"""Sending: from a text to a delivery that waits for its time, or to an approval that waits for its people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from choir.channels import registry
from choir.channels.contract import Capability, Manifest
from choir.channels.models import Channel, ChannelState
from choir.ids import new_id
from choir.inbox.actions import about, held, tell
from choir.inbox.models import Conversation, Direction, Message
from choir.knowledge.reusing import reused_in
from choir.media.models import Attachment
from choir.outbound.actions.attaching import attached, goes_with, look_at
from choir.outbound.actions.drafts import discard_draft
from choir.outbound.actions.forms import key_of, sent_before
from choir.outbound.checks import Finding, review
from choir.outbound.handling import handling_seconds
from choir.outbound.models import Approval, ApprovalPolicy, Delivery, DraftKind
from choir.outbound.queries import changes_since, policy_for
from choir.outbound.refusals import CannotReply, CheckStopped, StaleReply, TooLong
from choir.people.models import Person
from choir.people.policy import Permission
from choir.wake import Step, wake

UNDO_SECONDS = 8
APPROVAL_LIFETIME = dt.timedelta(days=3)


@transaction.atomic
def send(
    conversation: Conversation, *, text: str, seen_revision: int, by: Person, at: dt.datetime, token: str = ""
) -> Delivery | Approval:
    """Answer a customer. The reply leaves after the seconds for undo, or, where policy asks, once others approved
    exactly this text. `seen_revision` is what the writer had in front of them; `token` names the form, so that
    sending the same form twice sends once.

    Refuses with NotAllowedError, StaleReply, CannotReply, TooLong or CheckStopped; then nothing is written."""
    row = held(conversation)
    row.require(by, Permission.CONVERSATION_ANSWER)
    already = sent_before(row, text=text, token=token, by=by)
    if already is not None:
        return already
    if seen_revision < row.revision:
        raise StaleReply(changes_since(row, seen_revision))
    answered = _question(row)
    attachments = list(attached(row, by))
    findings = inspect(row, text, attachments)
    refuse_late(row, at=at)
    policy = policy_for(row, author=by)
    worked = handling_seconds(row, by=by, at=at)
    discard_draft(row, kind=DraftKind.REPLY, by=by)
    if policy is not None:
        return _ask(
            row, policy=policy, text=text, in_reply_to=answered, by=by, at=at, attachments=attachments, worked=worked
        )
    key = key_of(row, text=text, token=token, by=by)
    if Delivery.objects.filter(workspace_id=row.workspace_id, key=key).exists():
        key = new_id().hex  # the first one was taken back; its key is never used again
    return queue(
        row,
        text=text,
        in_reply_to=answered,
        author=by,
        key=key,
        at=at,
        findings=findings,
        attachments=attachments,
        worked=worked,
    )


@transaction.atomic
def send_automatic(conversation: Conversation, *, text: str, key: str, at: dt.datetime) -> Delivery:
    """Say what nobody wrote for this one conversation, such as the question how it went; whoever set it up answers for
    its words, so no approval is asked. It is no answer: clocks and the waiting customer are left as they are. The same
    key sends once.

    Refuses with CannotReply, TooLong or CheckStopped; then nothing is written."""
    row = held(conversation)
    already = Delivery.objects.filter(workspace_id=row.workspace_id, key=key).first()
    if already is not None:
        return already
    answered = _question(row)
    findings = inspect(row, text)
    refuse_late(row, at=at)
    return queue(row, text=text, in_reply_to=answered, author=None, key=key, at=at, findings=findings)


def inspect(conversation: Conversation, text: str, attachments: Sequence[Attachment] = ()) -> list[Finding]:
    """Everything that can be said against a text and what goes with it before it is sent. Raises when it may not leave
    like this, and returns what only warns."""
    channel = conversation.channel
    manifest = manifest_of(channel)
    limit = limit_of(conversation)
    count = registry.length_of(channel, text)
    findings = review(text, is_private=conversation.is_private) + look_at(conversation, attachments)
    if any(finding.stops for finding in findings):
        raise CheckStopped(findings)
    if count > limit:
        raise TooLong(count=count, limit=limit, network=manifest.name)
    return findings


def limit_of(conversation: Conversation) -> int:
    """How long an answer may be here, as its network counts."""
    limits = registry.limits_of(conversation.channel)
    return limits.direct_characters if conversation.is_private else limits.reply_characters


def answerable_until(conversation: Conversation) -> dt.datetime | None:
    """Until when the network takes an answer here; None where it does not say, or nobody has written yet."""
    hours = registry.limits_of(conversation.channel).direct_answer_hours if conversation.is_private else None
    heard_at = conversation.last_inbound_at
    return None if hours is None or heard_at is None else heard_at + dt.timedelta(hours=hours)


def refuse_late(conversation: Conversation, *, at: dt.datetime) -> None:
    """Refuses with CannotReply a private answer that the network would not take any more, because the customer last
    wrote too long ago; before anything is written, so that nobody waits for what cannot leave."""
    until = answerable_until(conversation)
    if until is None or at <= until:
        return
    stated, limits = registry.manifest(conversation.channel.connector), registry.limits_of(conversation.channel)
    hours = limits.direct_answer_hours
    longer = limits.direct_answer_longer if hours == stated.limits.direct_answer_hours else ""
    raise CannotReply(
        f"The customer last wrote more than {hours} hours ago, and {stated.name} takes no private answer after that. "
        f"Wait until they write again, or answer where they spoke in public. {longer}".rstrip()
    )


def manifest_of(channel: Channel) -> Manifest:
    """The manifest of a channel that can carry answers now. Refuses with CannotReply."""
    known = registry.manifests().get(channel.connector)
    if known is None or Capability.REPLY not in known.capabilities:
        raise CannotReply(
            f"{channel.name} can be read but not answered from here. Answer on {channel.network} itself, and note it."
        )
    if channel.state == ChannelState.PAUSED:
        raise CannotReply(f"{channel.name} is paused: {channel.state_because or 'nothing leaves for now.'}")
    if channel.state == ChannelState.DISCONNECTED:
        raise CannotReply(f"{channel.name} is disconnected; an administrator can connect it again under Channels.")
    return known


def _question(conversation: Conversation) -> str:
    """The network's id of the message that an answer answers: the customer's last one."""
    last = (
        conversation.messages.filter(direction=Direction.INBOUND)
        .order_by("is_automatic", "-at", "-id")
        .values_list("mention__external_id", "mention__automatic_because")
        .first()
    )
    if last is not None and last[1]:
        raise CannotReply(f"Only a machine wrote here: {last[1]}. Machines are not answered, or two would never stop.")
    if last is None:
        raise CannotReply("There is nothing from the customer here that could be answered.")
    return str(last[0])


def queue(
    conversation: Conversation,
    *,
    text: str,
    in_reply_to: str,
    author: Person | None,
    key: str,
    at: dt.datetime,
    findings: list[Finding],
    attachments: Sequence[Attachment] = (),
    approval: Approval | None = None,
    worked: int | None = None,
) -> Delivery:
    """Write the message and its delivery down, in the caller's transaction, with the conversation's row held. From
    here on it leaves by itself; nobody else's reply written before this can leave any more. Without an author it is
    automatic: it leaves at once, and no reply has to have seen it."""
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        direction=Direction.OUTBOUND,
        person=author,
        in_reply_to=in_reply_to,
        text=text,
        at=at,
        is_automatic=author is None,
        handling_seconds=approval.handling_seconds if approval else worked,
    )
    goes_with(message, attachments)
    reused_in(message)
    due_at = at if approval or author is None else at + dt.timedelta(seconds=UNDO_SECONDS)
    delivery = Delivery.objects.create(
        workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id,
        message=message,
        approval=approval,
        key=key,
        due_at=due_at,
        created_at=at,
        because=_why_waiting(conversation.channel),
    )
    conversation.messages_count += 1
    if author is not None:
        conversation.revision += 1
        conversation.return_at = None
    conversation.save(update_fields=["revision", "messages_count", "return_at"])
    facts = about(conversation) | {
        "message": str(message.pk),
        "delivery": str(delivery.pk),
        "characters": len(text),
        "attachments": len(attachments),
        "warnings": sorted({finding.check for finding in findings}),
    }
    tell(conversation, "delivery.started", by=author, at=at, facts=facts, what="message")
    wake(Step.DELIVER, at=due_at)
    return delivery


def _why_waiting(channel: Channel) -> str:
    if channel.state == ChannelState.SIGN_IN_NEEDED:
        return f"It waits until {channel.name} is signed in again."
    return ""


def _ask(
    conversation: Conversation,
    *,
    policy: ApprovalPolicy,
    text: str,
    in_reply_to: str,
    by: Person,
    at: dt.datetime,
    attachments: Sequence[Attachment],
    worked: int | None,
) -> Approval:
    asked = conversation.approvals.filter(author=by, text=text, closed_at=None, expires_at__gt=at).first()
    if asked is not None:
        return asked
    approval = Approval.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        policy=policy,
        author=by,
        text=text,
        in_reply_to=in_reply_to,
        seen_revision=conversation.revision,
        approvers_count=policy.approvers_count,
        handling_seconds=worked,
        asked_at=at,
        expires_at=at + APPROVAL_LIFETIME,
    )
    approval.attachments.set(attachments)
    conversation.return_at = None
    conversation.save(update_fields=["return_at"])
    facts = about(conversation) | {"approval": str(approval.pk), "approvers": policy.approvers_count}
    tell(conversation, "approval.asked", by=by, at=at, because=f"Policy “{policy.name}” asks for it.", facts=facts)
    return approval
