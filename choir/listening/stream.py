"""Reading what was heard in public: the stream page by page, counts by day, what a row shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncDay

from choir.listening.language.sql import where
from choir.listening.language.tree import Node
from choir.listening.models import Match, Query, Volume, Wording
from choir.listening.wordings import channel_names

PAGE_SIZE = 40
NEWS_AT_MOST = 99
INSIDE = "U0"  # what Django calls the table of a subquery


@dataclass(frozen=True, slots=True)
class Asked:
    """Which mentions: of a workspace, between two moments, found by any of some queries (None: all that was heard),
    fulfilling a tree and having the values of some columns, of one family. `is_folded`: of copies only the newest."""

    workspace_id: uuid.UUID
    since: dt.datetime
    until: dt.datetime
    tree: Node | None = None
    query_ids: tuple[uuid.UUID, ...] | None = None
    values: tuple[tuple[str, str], ...] = ()
    family: uuid.UUID | None = None
    is_folded: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mention stands in the stream."""

    posted_at: dt.datetime
    mention_id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.posted_at.isoformat()}~{self.mention_id}"

    @property
    def older(self) -> Q:
        """What comes behind it."""
        return Q(posted_at__lte=self.posted_at) & (Q(posted_at__lt=self.posted_at) | Q(mention__lt=self.mention_id))

    @property
    def newer(self) -> Q:
        """What stands before it."""
        return Q(posted_at__gte=self.posted_at) & (Q(posted_at__gt=self.posted_at) | Q(mention__gt=self.mention_id))


def place_from(text: str) -> Place | None:
    """A place as it stands in an address; None for anything else."""
    try:
        time, identifier = text.split("~")
        place = Place(dt.datetime.fromisoformat(time), uuid.UUID(identifier))
    except ValueError:
        return None
    return place if place.posted_at.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class Page:
    """Some mentions, newest first; `after` is the place to read on behind, None at the end."""

    rows: list[Wording]
    after: Place | None


def page(asked: Asked, *, after: Place | None = None, size: int = PAGE_SIZE) -> Page:
    """One page behind a place: one query, with what a row shows of mention, author and channel."""
    rows = in_order(asked)
    if after is not None:
        rows = rows.filter(after.older)
    found = list(rows[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    return Page(found, Place(found[-1].posted_at, found[-1].mention_id) if has_more else None)


def in_order(asked: Asked) -> QuerySet[Wording]:
    """All of it, newest first, with mention, author and channel."""
    rows = shown(asked).select_related("mention__identity__customer", "channel").order_by("-posted_at", "-mention")
    return rows.defer("search", "words", "bands", "channel__secret", "channel__settings", "channel__cursor")


def news(asked: Asked, *, before: Place) -> int:
    """How many came before a place since, counted so far that it means something."""
    return shown(asked).filter(before.newer).order_by()[: NEWS_AT_MOST + 1].count()


def shown(asked: Asked) -> QuerySet[Wording]:
    """The wordings asked for; folded, a copy is left out when a newer one of its family is there."""
    rows = matching(asked)
    if not asked.is_folded:
        return rows
    newer = matching(replace(asked, is_folded=False), table=INSIDE).filter(
        Q(posted_at__gt=OuterRef("posted_at")) | Q(posted_at=OuterRef("posted_at"), mention__gt=OuterRef("mention")),
        family=OuterRef("family"),
    )
    return rows.filter(Q(family=None) | ~Exists(newer))


def matching(asked: Asked, *, table: str = "listening_wording") -> QuerySet[Wording]:
    """The wordings asked for, copies and all. `table` is their table's name in the statement."""
    rows = Wording.objects.filter(workspace=asked.workspace_id, posted_at__gte=asked.since, posted_at__lt=asked.until)
    rows = rows.filter(**dict(asked.values))
    if asked.family is not None:
        rows = rows.filter(family=asked.family)
    if asked.query_ids is not None:
        found = Match.objects.filter(workspace=asked.workspace_id, query__in=asked.query_ids, mention=OuterRef("pk"))
        rows = rows.filter(Exists(found))
    if asked.tree is not None:
        condition, values = where(asked.tree, table=table, channels=channel_names(asked.workspace_id))
        rows = rows.filter(RawSQL(condition, values, output_field=BooleanField()))  # noqa: S611 -- parameters are apart
    return rows


def copies_of(asked: Asked, families: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, int]:
    """How many of what is asked for each family has."""
    wanted = {one for one in families if one is not None}
    if not wanted:
        return {}
    rows = matching(replace(asked, is_folded=False)).filter(family__in=wanted).order_by()
    counted = rows.values("family").annotate(count=Count("pk")).values_list("family", "count")
    return {family: count for family, count in counted if family is not None}


def queries_of(mention_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Query]]:
    """The queries that found each mention, by name: one query."""
    found: dict[uuid.UUID, list[Query]] = {one: [] for one in mention_ids}
    for match in Match.objects.filter(mention__in=mention_ids).select_related("query").order_by("query__name"):
        found[match.mention_id].append(match.query)
    return found


def by_day(asked: Asked, zone: ZoneInfo) -> dict[dt.date, int]:
    """How many mentions each day of a time zone has, each copy counted; from the volume where one query alone asks for
    whole hours."""
    if asked.query_ids is not None and len(asked.query_ids) == 1 and _is_in_volume(asked):
        rows = Volume.objects.filter(query=asked.query_ids[0], hour__gte=asked.since, hour__lt=asked.until, count__gt=0)
        days = rows.filter(**dict(asked.values)).annotate(day=TruncDay("hour", tzinfo=zone)).order_by().values("day")
        return {one["day"].date(): one["total"] for one in days.annotate(total=Sum("count"))}
    wordings = matching(asked).annotate(day=TruncDay("posted_at", tzinfo=zone)).order_by().values("day")
    return {one["day"].date(): one["total"] for one in wordings.annotate(total=Count("pk"))}


def _is_in_volume(asked: Asked) -> bool:
    return (
        not asked.tree
        and not asked.family
        and set(dict(asked.values)) <= {"sentiment", "topic"}
        and asked.since.minute == 0
    )


@dataclass(frozen=True, slots=True)
class Voice:
    """One group of queries in a stretch of time: its mentions by sentiment."""

    group: str
    by_sentiment: Mapping[str, int]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.by_sentiment.values())

    def share_of(self, sentiment: str) -> float | None:
        """The part that sounds so; None of nothing."""
        return self.by_sentiment.get(sentiment, 0) / self.count if self.count else None


def voices(workspace_id: uuid.UUID, since: dt.datetime, until: dt.datetime) -> list[Voice]:
    """Every group's mentions, the loudest first; from the volume."""
    rows = Volume.objects.filter(workspace=workspace_id, hour__gte=since, hour__lt=until).exclude(query__group="")
    counted = rows.values("query__group", "sentiment").annotate(total=Sum("count")).order_by()
    found: dict[str, dict[str, int]] = {}
    for one in counted:
        found.setdefault(one["query__group"], {})[one["sentiment"]] = one["total"]
    return sorted((Voice(group, moods) for group, moods in found.items()), key=lambda one: (-one.count, one.group))


def by_day_and(
    workspace_id: uuid.UUID, split: str, since: dt.datetime, until: dt.datetime, zone: ZoneInfo, **values: Any
) -> dict[dt.date, dict[str, int]]:
    """The volume of each day by `query__group`, `sentiment` or `topic`; `values` narrow it."""
    rows = Volume.objects.filter(workspace=workspace_id, hour__gte=since, hour__lt=until).filter(**values)
    days = rows.annotate(day=TruncDay("hour", tzinfo=zone)).values("day", split).annotate(total=Sum("count"))
    found: dict[dt.date, dict[str, int]] = {}
    for one in days.order_by():
        if one["total"]:
            found.setdefault(one["day"].date(), {})[one[split]] = one["total"]
    return found
