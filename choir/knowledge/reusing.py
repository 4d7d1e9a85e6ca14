"""Taking what is known into a reply, and noting that the reply was sent: what knowledge reuse is counted from."""

from __future__ import annotations

import datetime as dt

from choir.inbox.models import Conversation, Message
from choir.knowledge.models import Answer, Macro, Reuse
from choir.people.models import Person
from choir.people.policy import Permission


def take(
    conversation: Conversation,
    *,
    answer: Answer | None = None,
    macro: Macro | None = None,
    by: Person,
    at: dt.datetime,
) -> Reuse:
    """The person puts an answer or a macro into the reply they are writing. Taking the same twice is taking it once. It
    is part of a draft, and like drafts no event. Refuses whoever may not answer here."""
    conversation.require(by, Permission.CONVERSATION_ANSWER)
    return Reuse.objects.get_or_create(
        workspace_id=conversation.workspace_id, conversation=conversation, person=by, answer=answer, macro=macro,
        message=None, defaults={"taken_at": at},
    )[0]  # fmt: skip


def reused_in(message: Message) -> int:
    """A reply is on its way: what its writer had taken for it belongs to it. How much that is."""
    if message.person_id is None:
        return 0
    open_ones = Reuse.objects.filter(conversation=message.conversation_id, person=message.person_id, message=None)
    return open_ones.update(message=message)


def taken_back(message: Message) -> None:
    """The reply did not leave: what was taken for it is open again."""
    Reuse.objects.filter(message=message).update(message=None)
