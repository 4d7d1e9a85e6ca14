"""Approvals: others say yes or no to one exact text. Yes from enough people sends it; everything else gives the text
back to its author."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.inbox.actions import held, tell
from choir.inbox.models import Conversation
from choir.outbound.actions.drafts import give_back
from choir.outbound.actions.sending import inspect, queue
from choir.outbound.models import Approval, ApprovalVote, Delivery
from choir.outbound.queries import changes_since
from choir.outbound.refusals import RefusedError, TooLate
from choir.people.access import NotAllowedError
from choir.people.models import Person
from choir.people.policy import Permission


@transaction.atomic
def decide(approval: Approval, *, is_yes: bool, because: str = "", by: Person, at: dt.datetime) -> Approval:
    """Say yes or no to exactly this text, once. The last yes that was needed sends it; one no, which needs a reason,
    declines it. Where the conversation moved on meanwhile, or time ran out, it is closed and nothing leaves.

    Refuses the author, people without the permission, a second vote, and a no without a reason."""
    conversation, row = _held(approval)
    if row.author_id == by.pk:
        raise NotAllowedError("You wrote this reply, so somebody else has to approve it.")
    conversation.require(by, Permission.APPROVAL_DECIDE)
    if row.closed_at is not None:
        raise TooLate(f"This was {row.outcome} already. Nothing is left to decide.")
    if row.votes.filter(person=by).exists():
        raise TooLate("You have decided on this text already; it waits for somebody else.")
    reason = because.strip()
    if not is_yes and not reason:
        raise RefusedError("Say why, in a sentence: the author reads it and can do better.")
    if row.expires_at <= at:
        return _close(conversation, row, outcome="expired", by=None, at=at, because="nobody decided in time")
    if conversation.revision > row.seen_revision:
        changes = " ".join(str(change) for change in changes_since(conversation, row.seen_revision))
        return _close(conversation, row, outcome="overtaken", by=None, at=at, because=changes)
    ApprovalVote.objects.create(approval=row, person=by, is_yes=is_yes, because=reason, at=at)
    if not is_yes:
        return _close(conversation, row, outcome="declined", by=by, at=at, because=reason)
    return _count(conversation, row, by=by, at=at, because=reason)


@transaction.atomic
def withdraw(approval: Approval, *, by: Person, at: dt.datetime) -> Approval:
    """Take one's own text back before it was decided."""
    conversation, row = _held(approval)
    if row.author_id != by.pk:
        raise NotAllowedError("Only its author can withdraw this. Decline it, with a reason, instead.")
    if row.closed_at is not None:
        raise TooLate(f"This was {row.outcome} already. Nothing is left to withdraw.")
    return _close(conversation, row, outcome="withdrawn", by=by, at=at, because="")


def close_expired(*, at: dt.datetime, limit: int = 100) -> int:
    """Close approvals nobody decided in time and give their texts back; how many."""
    due = list(Approval.objects.filter(closed_at=None, expires_at__lte=at).order_by("expires_at")[:limit])
    for approval in due:
        with transaction.atomic():
            conversation, row = _held(approval)
            if row.closed_at is None:
                _close(conversation, row, outcome="expired", by=None, at=at, because="nobody decided in time")
    return len(due)


def _held(approval: Approval) -> tuple[Conversation, Approval]:
    """Conversation first, then the approval: every action takes them in this order."""
    conversation = held(approval.conversation)
    row = Approval.objects.select_for_update(of=("self",)).select_related("author", "policy").get(pk=approval.pk)
    return conversation, row


def _count(conversation: Conversation, approval: Approval, *, by: Person, at: dt.datetime, because: str) -> Approval:
    yes = approval.votes.filter(is_yes=True).count()
    facts: dict[str, object] = {"approval": str(approval.pk), "yes": yes, "of": approval.approvers_count}
    if yes < approval.approvers_count:
        tell(conversation, "approval.supported", by=by, at=at, because=because, facts=facts)
        return approval
    approval.closed_at, approval.outcome = at, "approved"
    approval.save(update_fields=["closed_at", "outcome"])
    tell(conversation, "approval.approved", by=by, at=at, because=because, facts=facts)
    attachments = list(approval.attachments.select_related("file").order_by("created_at", "id"))
    queue(
        conversation,
        text=approval.text,
        in_reply_to=approval.in_reply_to,
        author=approval.author,
        key=approval.pk.hex,
        at=at,
        findings=inspect(conversation, approval.text, attachments),
        attachments=attachments,
        approval=approval,
    )
    return approval


def _close(
    conversation: Conversation, approval: Approval, *, outcome: str, by: Person | None, at: dt.datetime, because: str
) -> Approval:
    approval.closed_at, approval.outcome = at, outcome
    approval.save(update_fields=["closed_at", "outcome"])
    give_back(conversation, text=approval.text, to=approval.author, at=at)
    tell(conversation, f"approval.{outcome}", by=by, at=at, because=because, facts={"approval": str(approval.pk)})
    return approval


def delivery_of(approval: Approval) -> Delivery | None:
    """The delivery that an approval led to."""
    return Delivery.objects.filter(approval=approval).first()
