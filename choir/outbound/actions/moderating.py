"""What people do about what stands on a network: take an answer of ours off it, hide what a customer said there, show
it again, report it. Each is asked for here, once, and done by the flow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from choir.channels import registry
from choir.channels.contract import Capability, ReportReason
from choir.inbox.actions import held, tell
from choir.inbox.models import Conversation, Direction, Message
from choir.legible import legible
from choir.outbound.models import Deed, Moderation, ModerationState
from choir.outbound.refusals import CannotModerate
from choir.people.models import Person
from choir.people.policy import Permission
from choir.wake import Step, wake

NEEDS = {
    Deed.REMOVE: Capability.REMOVE,
    Deed.HIDE: Capability.MODERATE,
    Deed.SHOW: Capability.MODERATE,
    Deed.REPORT: Capability.MODERATE,
}
DONE_VERBS: Mapping[str, str] = {
    Deed.REMOVE: "answer.removed",
    Deed.HIDE: "message.hidden",
    Deed.SHOW: "message.shown",
    Deed.REPORT: "message.reported",
}
LONGEST_BECAUSE = 500


def deeds_for(message: Message, *, by: Person) -> list[Deed]:
    """What this person could have done about a message, by what its network can and what they may."""
    conversation = message.conversation
    known = registry.manifests().get(conversation.channel.connector)
    if known is None or not message.external_id or message.removed_at is not None:
        return []
    is_ours = message.direction == Direction.OUTBOUND
    possible = [Deed.REMOVE] if is_ours else [_hidden_or_shown(message), Deed.REPORT]
    may = conversation.allows(by, Permission.CONVERSATION_MODERATE) or (is_ours and _is_theirs(message, by))
    return [one for one in possible if may and NEEDS[one] in known.capabilities]


def _is_theirs(message: Message, person: Person) -> bool:
    """Whoever may answer here may take their own answer off again."""
    is_author = message.person_id == person.pk
    return is_author and message.conversation.allows(person, Permission.CONVERSATION_ANSWER)


def is_hidden(message: Message) -> bool:
    """Whether we hid it on the network."""
    told = Moderation.objects.filter(message=message, state=ModerationState.DONE, deed__in=[Deed.HIDE, Deed.SHOW])
    last = told.order_by("-settled_at").values_list("deed", flat=True).first()
    return last == Deed.HIDE


def _hidden_or_shown(message: Message) -> Deed:
    return Deed.SHOW if is_hidden(message) else Deed.HIDE


@transaction.atomic
def moderate(
    message: Message, *, deed: Deed, because: str, reason: str = "", by: Person, at: dt.datetime
) -> Moderation:
    """Have it done on the network. The same asked for twice while it is not done yet is done once. Refuses with
    CannotModerate what the network cannot do or what was done already, and without a reason."""
    conversation = held(message.conversation)
    row = Message.objects.select_related("conversation__channel").get(pk=message.pk)
    if deed not in deeds_for(row, by=by):
        _refuse(conversation, row, deed, by)
    words = legible(because).strip()[:LONGEST_BECAUSE]
    if not words:
        raise CannotModerate("Say why, in a sentence: it stands in the record.")
    if deed == Deed.REPORT and reason not in set(ReportReason):
        raise CannotModerate("Choose what is wrong with it.")
    under_way = Moderation.objects.unsettled().filter(message=row).first()
    if under_way is not None:
        if under_way.deed == deed:
            return under_way
        raise CannotModerate(f"“{under_way.get_deed_display()}” is being done about this just now. Wait for it.")
    made = Moderation.objects.create(
        workspace_id=row.workspace_id,
        channel=row.conversation.channel,
        conversation=row.conversation,
        message=row,
        deed=deed,
        reason=reason if deed == Deed.REPORT else "",
        because=words,
        by=by,
        asked_at=at,
        due_at=at,
    )
    facts = {"message": str(row.pk), "moderation": str(made.pk), "deed": str(deed)}
    tell(conversation, "moderation.asked", by=by, at=at, because=words, facts=facts, what="message")
    wake(Step.MODERATE)
    return made


def _refuse(conversation: Conversation, message: Message, deed: Deed, by: Person) -> None:
    known = registry.manifests().get(conversation.channel.connector)
    network = conversation.channel.network.capitalize()
    if known is None or NEEDS[deed] not in known.capabilities:
        raise CannotModerate(f"“{deed.label}” cannot be done on {network} from here. Do it there, and note it.")
    if not message.external_id:
        raise CannotModerate("This is not on the network (yet), so there is nothing to do about it there.")
    if message.removed_at is not None:
        raise CannotModerate("This is no longer on the network.")
    if not (message.direction == Direction.OUTBOUND and _is_theirs(message, by)):
        conversation.require(by, Permission.CONVERSATION_MODERATE)
    raise CannotModerate(f"“{deed.label}” does not fit how this stands on {network} now. Look at it again.")


def settled(
    conversation: Conversation,
    moderation: Moderation,
    *,
    state: ModerationState,
    failure: str,
    at: dt.datetime,
) -> None:
    """Write down how it ended. Only the flow calls this, with conversation and moderation held."""
    moderation.state, moderation.failure = state, failure
    moderation.leased_until, moderation.settled_at = None, at
    moderation.save(update_fields=["state", "failure", "leased_until", "settled_at"])
    if state == ModerationState.DONE and moderation.deed == Deed.REMOVE:
        Message.objects.filter(pk=moderation.message_id, removed_at=None).update(removed_at=at)
        conversation.revision += 1
        conversation.save(update_fields=["revision"])
    verb = DONE_VERBS[moderation.deed] if state == ModerationState.DONE else f"moderation.{state}"
    facts = {"message": str(moderation.message_id), "moderation": str(moderation.pk), "deed": moderation.deed}
    because = moderation.because if state == ModerationState.DONE else failure
    tell(conversation, verb, by=moderation.by, at=at, because=because, facts=facts, what="message")
