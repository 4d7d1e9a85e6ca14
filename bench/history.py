"""A long history, made in bulk: conversations as years of traffic would have left them."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import GeneratedField

from bench.place import Place

WORDS = (
    "order parcel late broken charger lamp kettle refund invoice store app login crash thanks great delivery courier door "
    "neighbour week days again still waiting please help when where number photo warranty battery wheel brake colour size "
    "gift card voucher code newsletter account password update blue green black price stock norway spain paris leeds"
)
COMMON, RARE, TOGETHER = "delivery", "zirconium", "delivery order"

INSERTED = re.compile(r"INSERT INTO (\w+) \((.+?)\)\s+SELECT (.+)", re.DOTALL)

STATEMENTS = (
    """CREATE TEMP TABLE g AS SELECT n, uuidv7(make_interval(mins => -n)) AS conversation, uuidv7() AS customer,
         uuidv7() AS identity, uuidv7(make_interval(mins => -n)) AS mention, uuidv7() AS reading,
         now() - make_interval(mins => n) AS at,
         array_to_string(ARRAY(SELECT (string_to_array(%(words)s, ' '))[1 + (random() * 57 + n * 0)::int]
                               FROM generate_series(1, 14)), ' ')
           || CASE WHEN n %% 3 = 0 THEN ' delivery' ELSE '' END || CASE WHEN n %% 9973 = 7 THEN ' zirconium' ELSE '' END AS text,
         (ARRAY['open','resolved','resolved','resolved','noted','resolved','resolved','snoozed','resolved','resolved'])
           [1 + n %% 10] AS state
       FROM generate_series(1, %(count)s) AS n""",
    """INSERT INTO customers_customer (id, workspace_id, name, stage, is_vip, created_at)
       SELECT customer, %(workspace)s, 'Customer ' || n, '', false, at FROM g""",
    """INSERT INTO customers_identity (id, workspace_id, customer_id, network, external_id, handle, name, url, first_seen_at)
       SELECT identity, %(workspace)s, customer, 'sandbox', 'h' || n, 'customer' || n, 'Customer ' || n, '', at FROM g""",
    """INSERT INTO listening_mention (id, workspace_id, channel_id, identity_id, external_id, parent_external_id,
         thread_external_id, kind, is_private, text, media, url, language_hint, posted_at, received_at, read_at)
       SELECT mention, %(workspace)s, %(channel)s, identity, 'h' || n, '', '', 'post', false, text, '[]', '', '', at, at, at
       FROM g""",
    """INSERT INTO triage_reading (id, workspace_id, mention_id, version, at, is_current, language, sentiment,
         sentiment_score, intent, objective, objective_confidence, topic, urgency, stage, needs_reply, is_spam,
         confidences, words)
       SELECT reading, %(workspace)s, mention, 'bench', at, true, 'en', 'negative', -0.5, 'complaint', 'care', 0.8, '', 0,
         'support', true, false, '{}', '{}' FROM g""",
    """INSERT INTO inbox_conversation (id, workspace_id, channel_id, customer_id, thread_key, is_private, state, state_at,
         snoozed_until, objective_id, reading_id, department_id, team_id, assignee_id, is_unsure, excerpt, language,
         sentiment, urgency, messages_count, first_inbound_at, last_inbound_at, last_outbound_at, last_message_at,
         waiting_since, due_at, has_problem, revision, created_at)
       SELECT conversation, %(workspace)s, %(channel)s, customer, 'h' || n, false, state, at,
         CASE WHEN state = 'snoozed' THEN now() + interval '30 days' END,
         (SELECT id FROM routing_objective WHERE slug = 'care'), reading, t.department_id, t.id,
         CASE WHEN n %% 2 = 0 THEN (SELECT person_id FROM people_membership m WHERE m.team_id = t.id
           ORDER BY person_id OFFSET (n / 2) %% 4 LIMIT 1) END,
         false, left(text, 240), 'en', (ARRAY['negative','neutral','positive'])[1 + n %% 3], n %% 3, 2, at, at,
         at + interval '5 minutes', at + interval '5 minutes', NULL,
         CASE WHEN state = 'open' THEN at + interval '1 day' END, false, 2, at
       FROM g JOIN LATERAL (SELECT id, department_id FROM people_team ORDER BY id OFFSET (g.n / 10) %% 12 LIMIT 1) t ON true""",
    """INSERT INTO inbox_message (id, workspace_id, conversation_id, direction, mention_id, identity_id, author_name,
         in_reply_to, external_id, text, url, at, sent_at)
       SELECT uuidv7(make_interval(mins => -n)), %(workspace)s, conversation, 'inbound', mention, identity, '', '',
         'h' || n, text, '', at, at FROM g""",
    """INSERT INTO inbox_message (id, workspace_id, conversation_id, direction, author_name, in_reply_to, external_id,
         text, url, at, sent_at)
       SELECT uuidv7(make_interval(mins => -n)), %(workspace)s, conversation, 'outbound', 'Agent', 'h' || n, 'r' || n,
         'Hello, sorry about that. We look into it and come back to you today. ' || left(text, 40), '',
         at + interval '5 minutes', at + interval '5 minutes' FROM g""",
    """INSERT INTO inbox_assignment (id, workspace_id, conversation_id, department_id, team_id, person_id, because, at)
       SELECT uuidv7(), workspace_id, id, department_id, team_id, assignee_id, 'Here because it is history.', created_at
       FROM inbox_conversation WHERE workspace_id = %(workspace)s""",
    """INSERT INTO events_event (id, organisation_id, workspace_id, at, recorded_at, verb, by_name, subject_type,
         subject_id, because, facts)
       SELECT uuidv7(), %(organisation)s, workspace_id, created_at, now(), 'conversation.routed', '', 'conversation', id,
         'Here because it is history.', '{}' FROM inbox_conversation WHERE workspace_id = %(workspace)s""",
    "DROP TABLE g",
    "ANALYZE",
)


def completed(statement: str, values: dict[str, Any]) -> str:
    """The statement with every column that must have a value and is not named in it, at its model's default; the
    defaults are put into `values`."""
    found = INSERTED.match(statement)
    if found is None:
        return statement
    table, named, rest = found.groups()
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    known = {column.strip() for column in named.split(",")}
    missing = [
        field
        for field in model._meta.concrete_fields
        if not (field.column in known or field.null or isinstance(field, GeneratedField))
    ]
    for field in missing:
        values[f"{table} {field.column}"] = field.get_db_prep_save(field.get_default(), connection)
    columns = ", ".join([*(str(field.column) for field in missing), named])
    defaults = "".join(f"%({table} {field.column})s, " for field in missing)
    return f"INSERT INTO {table} ({columns}) SELECT {defaults}{rest}"


def make(place: Place, *, conversations: int) -> None:
    """Put so many conversations, with two messages each, into the place."""
    values: dict[str, Any] = {
        "count": conversations, "workspace": place.workspace.pk, "channel": place.channel.pk,
        "organisation": place.workspace.organisation_id, "words": WORDS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            whole = completed(statement, values)
            cursor.execute(whole, values if "%(" in whole else None)
        cursor.execute("VACUUM (ANALYZE)")
