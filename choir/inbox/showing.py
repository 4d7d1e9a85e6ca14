"""What a conversation shows of its messages: counts, times, first words, whose it is."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection

from choir.inbox.models import Conversation, Direction, Message

EXCERPT_CHARACTERS = 240
LOOKED_AT = 1000  # characters of a text; an excerpt needs no more
_SPACES = re.compile(r"[^\S\x1c-\x1f]+")  # what PostgreSQL takes for white space

# Computed from all messages of the conversations touched, so that it is the same in whatever order they came.
REFRESH = """
WITH said AS (
    SELECT message.conversation_id AS id,
        count(*) AS messages,
        min(message.at) FILTER (WHERE message.direction = 'inbound') AS first_inbound_at,
        max(message.at) FILTER (WHERE message.direction = 'inbound') AS last_inbound_at,
        max(message.at) FILTER (WHERE message.direction = 'outbound' AND message.sent_at IS NOT NULL)
            AS last_outbound_at,
        max(message.at) AS last_message_at
    FROM inbox_message AS message
    WHERE message.conversation_id = ANY(%(ids)s)
    GROUP BY message.conversation_id
)
UPDATE inbox_conversation AS conversation SET
    messages_count = said.messages,
    first_inbound_at = said.first_inbound_at,
    last_inbound_at = said.last_inbound_at,
    last_outbound_at = said.last_outbound_at,
    last_message_at = said.last_message_at,
    waiting_since = (
        SELECT min(waiting.at) FROM inbox_message AS waiting
        WHERE waiting.conversation_id = said.id AND waiting.direction = 'inbound' AND NOT waiting.is_automatic
            AND waiting.at > coalesce(said.last_outbound_at, '-infinity')
    ),
    excerpt = coalesce((
        SELECT left(btrim(regexp_replace(left(last.text, %(looked_at)s), '\\s+', ' ', 'g')), %(excerpt)s)
        FROM inbox_message AS last
        WHERE last.conversation_id = said.id
        ORDER BY last.direction, last.at DESC, last.id DESC LIMIT 1
    ), ''),
    customer_id = coalesce((
        SELECT identity.customer_id FROM inbox_message AS opening
        JOIN customers_identity AS identity ON identity.id = opening.identity_id
        WHERE opening.conversation_id = said.id AND opening.direction = 'inbound'
        ORDER BY opening.at, opening.external_id LIMIT 1
    ), conversation.customer_id),
    revision = conversation.revision + 1
FROM said WHERE conversation.id = said.id
RETURNING conversation.id, conversation.messages_count, conversation.first_inbound_at, conversation.last_inbound_at,
    conversation.last_outbound_at, conversation.last_message_at, conversation.waiting_since, conversation.excerpt,
    conversation.customer_id, conversation.revision
"""
REFRESHED = (
    "messages_count",
    "first_inbound_at",
    "last_inbound_at",
    "last_outbound_at",
    "last_message_at",
    "waiting_since",
    "excerpt",
    "customer_id",
    "revision",
)


def begin(conversation: Conversation, messages: Sequence[Message]) -> None:
    """Set on a conversation that is not stored yet what it shows of its messages, which are all of them: the same as
    `refresh` would find."""
    inbound = [one for one in messages if one.direction == Direction.INBOUND]
    outbound = [one.at for one in messages if one.direction == Direction.OUTBOUND and one.sent_at is not None]
    conversation.messages_count = len(messages)
    conversation.last_message_at = max(one.at for one in messages)
    conversation.last_outbound_at = max(outbound, default=None)
    conversation.excerpt = excerpt(max(inbound or messages, key=lambda one: (one.at, one.pk)).text)
    conversation.revision = 1
    if inbound:
        conversation.first_inbound_at = min(one.at for one in inbound)
        conversation.last_inbound_at = max(one.at for one in inbound)
        answered_at = conversation.last_outbound_at
        waiting = [one.at for one in inbound if not one.is_automatic and (answered_at is None or one.at > answered_at)]
        conversation.waiting_since = min(waiting, default=None)
        opening = min(inbound, key=lambda one: (one.at, one.external_id))
        if opening.identity is not None:
            conversation.customer_id = opening.identity.customer_id


def excerpt(text: str) -> str:
    """The first words of a text on one line."""
    return _SPACES.sub(" ", text[:LOOKED_AT]).strip(" ")[:EXCERPT_CHARACTERS]


def refresh(conversations: Mapping[uuid.UUID, Conversation]) -> None:
    """Work out anew what conversations show of their messages, in the database and on the rows given."""
    if not conversations:
        return
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"ids": list(conversations), "looked_at": LOOKED_AT, "excerpt": EXCERPT_CHARACTERS})
        for pk, *values in cursor.fetchall():
            for name, value in zip(REFRESHED, values, strict=True):
                setattr(conversations[pk], name, value)
