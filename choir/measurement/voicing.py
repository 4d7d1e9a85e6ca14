"""What the figures of reputation are made of: what queries heard in public, placed where its conversation is."""

from __future__ import annotations

from django.db.models import Exists, Field, OuterRef, QuerySet, Subquery, UUIDField, Value
from django.db.models.fields import CharField

from choir.inbox.models import Message
from choir.listening.models import Match, Query, Spike
from choir.measurement.metric import NOWHERE
from choir.measurement.question import Question

_PLACES: dict[str, Field[object, object]] = {
    "conversation_id": UUIDField(),
    "conversation__department_id": UUIDField(),
    "conversation__team_id": UUIDField(),
    "conversation__objective_id": UUIDField(),
    "conversation__course__campaign": CharField(),
    "conversation__reading__theme_id": UUIDField(),
}
CONVERSATION = "in_conversation_id"
HEARD_SPLITS = {
    "department": "in_conversation__department_id",
    "team": "in_conversation__team_id",
    "channel": "mention__channel_id",
    "objective": "in_conversation__objective_id",
    "language": "mention__wording__language",
    "campaign": "in_conversation__course__campaign",
    "theme": "in_conversation__reading__theme_id",
}
"""The channel and language of what was said; else of the conversation that it stands in. What was only overheard is in
nobody's department."""
SPIKE_SPLITS = dict.fromkeys(HEARD_SPLITS, NOWHERE) | {"department": "department_id"}


def voiced(asked: Question) -> QuerySet[Match]:
    """What queries with a group found, where a group is said to be ours."""
    ours = Query.objects.filter(workspace=asked.workspace_id, is_ours=True).exclude(group="")
    message = Message.objects.filter(mention=OuterRef("mention_id")).order_by()
    places = {f"in_{path}": Subquery(message.values(path)[:1], output_field=field) for path, field in _PLACES.items()}
    return Match.objects.filter(Exists(ours)).exclude(query__group="").annotate(**places)


def spiking(asked: Question) -> QuerySet[Spike]:
    """Spikes; they have a department and no other place."""
    return Spike.objects.annotate(**{NOWHERE: Value(None, output_field=UUIDField())})
