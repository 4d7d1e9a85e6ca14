"""Telling open pages what changed: a notice per conversation, sent when the transaction commits."""

import json
import uuid
from collections.abc import Iterable
from typing import Literal

from choir.inbox.models import Conversation
from choir.statements import told

CHANNEL = "choir_live"

What = Literal["message", "state", "note", "presence", "delivery"]


def announce(conversations: Iterable[Conversation], *, what: What) -> None:
    """Notify every listening web process. The notice carries only what is needed to decide who may hear of it;
    pages then ask for the changed part themselves, with their own permissions."""
    notices = [
        json.dumps(
            {
                "workspace": str(conversation.workspace_id),
                "conversation": str(conversation.pk),
                "department": str(conversation.department_id or ""),
                "assignee": str(conversation.assignee_id or ""),
                "what": what,
            }
        )
        for conversation in conversations
    ]
    _notify(notices)


def announce_listening(workspace_id: uuid.UUID, *, what: Literal["mentions", "spikes"]) -> None:
    """Notify every listening web process that a workspace heard something in public, or noticed a spike."""
    _notify([json.dumps({"workspace": str(workspace_id), "what": what})])


def _notify(notices: list[str]) -> None:
    if notices:
        told("SELECT pg_notify(%s, notice) FROM unnest(%s::text[]) AS notice", [CHANNEL, notices])
