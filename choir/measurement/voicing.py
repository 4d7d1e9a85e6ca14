"""What the figures of reputation are made of: what queries heard in public."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum, UUIDField, Value
from django.db.models.fields import CharField
from django.db.models.functions import Coalesce

from choir.inbox.models import Message
from choir.listening.models import Match, Query, Spike, Volume
from choir.measurement.metric import NOWHERE
from choir.measurement.question import Question

CONVERSATION = "in_conversation_id"
HEARD_SPLITS = {
    "department": NOWHERE,
    "team": NOWHERE,
    "channel": "mention__channel_id",
    "objective": NOWHERE,
    "language": "mention__wording__language",
    "campaign": NOWHERE,
    "topic": "topic",
    "theme": NOWHERE,
}
"""The channel, language and topic of what was said. It has no department and so on: what is said of others is only
overheard, stands in no conversation, and a share among conversations would be of us alone."""
SPIKE_SPLITS = dict.fromkeys(HEARD_SPLITS, NOWHERE) | {"department": "department_id"}


def _ours(asked: Question) -> QuerySet[Query]:
    return Query.objects.filter(workspace=asked.workspace_id, is_ours=True).exclude(group="")


def voiced_by_hour(asked: Question) -> QuerySet[Any, Any]:
    """How many `voiced` has in each hour, as the volume has it, which is kept with every match."""
    volume = Volume.objects.filter(Exists(_ours(asked)), workspace=asked.workspace_id).exclude(query__group="")
    of_ours = Coalesce(Sum("count", filter=Q(query__is_ours=True)), 0)
    hours: QuerySet[Any, Any] = volume.order_by().values("hour").annotate(n=Sum("count"), met=of_ours)
    return hours


def voiced(asked: Question) -> QuerySet[Match]:
    """What queries with a group found, where a group is said to be ours."""
    message = Message.objects.filter(mention=OuterRef("mention_id")).order_by()
    return (
        Match.objects.filter(Exists(_ours(asked)))
        .exclude(query__group="")
        .annotate(
            **{
                CONVERSATION: Subquery(message.values("conversation_id")[:1], output_field=UUIDField()),
                NOWHERE: Value(None, output_field=CharField()),
            }
        )
    )


def spiking(asked: Question) -> QuerySet[Spike]:
    """Spikes; they have a department and no other place, so that none is of a language, a campaign and so on."""
    return Spike.objects.annotate(**{NOWHERE: Value(None, output_field=CharField())})
