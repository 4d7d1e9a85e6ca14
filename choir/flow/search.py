"""The step `search`: queries are put to the networks that can be searched, the channels in turn, and in each of them
the query that has waited longest.

What is new is asked for often while something is found, ever more seldom in silence; what was said before the query was
is read a few pages a turn, until it ends or the network shows nothing older. Searching leaves half of what a network
allows for what is said to us. Whatever no query could find is not kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import F, Max, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from choir.channels import quota
from choir.channels.actions import store
from choir.channels.contract import (
    ConnectorError,
    Item,
    Page,
    RateLimitedError,
    Raw,
    RejectedError,
    Searches,
    SignInExpiredError,
    UnreadableError,
)
from choir.channels.models import ArrivalSource, Channel
from choir.channels.registry import connect, manifest
from choir.channels.secrets import UnreadableSecretError
from choir.listening.inquiring import plan
from choir.listening.models import Inquiry, Query
from choir.listening.wanting import Wanting
from choir.people.models import Workspace
from choir.wake import Step, wake

AT_ONCE = 8
LEASE = dt.timedelta(minutes=5)  # longer than a turn takes
ITEMS_A_PAGE = 100
PAGES_OF_NEWS, PAGES_OF_PAST = 10, 5  # a turn, for each question
USUAL_INTERVAL_SECONDS = 60
SLOWEST = 10  # times the shortest interval
LONGEST_PAUSE = dt.timedelta(minutes=30)
REFUSED_PAUSE = dt.timedelta(hours=6)

log = structlog.get_logger()
_planned: dict[object, tuple[object, ...]] = {}


class _OvertakenError(Exception):
    """The query was changed or removed while it was being asked."""


def search(*, at: dt.datetime) -> int:
    """Put some of the queries that are due to their networks; how many."""
    _plan(at)
    rows = _leased(at)
    for row in rows:
        _ask(row)
    quota.settle(at=timezone.now())
    return len(rows)


def _plan(at: dt.datetime) -> None:
    """Follow the queries and channels where one of them changed since this worker looked last."""
    for workspace in Workspace.objects.filter(queries__isnull=False).distinct():
        queries = Query.objects.filter(workspace=workspace)
        channels = Channel.objects.filter(workspace=workspace).order_by("pk")
        seen = (
            *queries.aggregate(at=Max("changed_at")).values(),
            *queries.order_by("pk").values_list("pk", flat=True),
            *channels.values_list("pk", "state"),
        )
        if _planned.get(workspace.pk) != seen:
            plan(workspace, at=at)
            _planned[workspace.pk] = seen


@transaction.atomic
def _leased(at: dt.datetime) -> list[Inquiry]:
    """Inquiries to put now, put off for everybody else until the lease ends: the first of every channel, then the
    second of every channel."""
    turn = Window(RowNumber(), partition_by=F("channel"), order_by=[F("due_at").asc(), F("pk").asc()])
    due = Inquiry.objects.due(at).annotate(turn=turn).order_by("turn", "due_at").values_list("pk", flat=True)
    chosen = list(due[:AT_ONCE])
    free = Inquiry.objects.filter(pk__in=chosen, due_at__lte=at).select_for_update(skip_locked=True, of=("self",))
    rows = {one.pk: one for one in free.select_related("query", "channel__workspace")}
    Inquiry.objects.filter(pk__in=rows).update(due_at=at + LEASE)
    return [rows[pk] for pk in chosen if pk in rows]


def _ask(inquiry: Inquiry) -> None:
    """One inquiry's turn. What goes wrong is its own: the channel and the other queries go on."""
    try:
        turn = _Turn(inquiry)
        found, has_more = turn.news()
        turn.past()
        requests = quota.settle(at=timezone.now()).get(inquiry.channel_id, 1)
    except _OvertakenError:
        return
    except (ConnectorError, UnreadableSecretError) as error:
        _failed(inquiry, error)
    except Exception as error:  # a connector's own mistake must not keep other queries from being asked
        log.exception("search.connector_failed", connector=inquiry.channel.connector, inquiry=str(inquiry.pk))
        mistake = f"The connector “{inquiry.channel.connector}” failed ({type(error).__name__}). Report it."
        _failed(inquiry, RejectedError(mistake))
    else:
        _went_well(inquiry, found=found, has_more=has_more, requests=requests)


class _Turn:
    """One inquiry and its network, for as long as its turn takes."""

    def __init__(self, inquiry: Inquiry) -> None:
        connector: object = connect(inquiry.channel)
        if not isinstance(connector, Searches):
            raise RejectedError(f"The connector “{inquiry.channel.connector}” cannot search (any more).")
        self._connector, self._inquiry = connector, inquiry
        self._wanting = Wanting(inquiry.channel)

    def news(self) -> tuple[int, bool]:
        """What came since it was asked last: how much, and whether there is more."""
        inquiry, found, has_more = self._inquiry, 0, False
        if not is_time_for_news(inquiry, at=timezone.now()):
            return 0, False
        for question in inquiry.questions:
            for _ in range(PAGES_OF_NEWS):
                page = self._page(question, inquiry.cursors.get(question, ""), since=inquiry.since)
                inquiry.cursors[question] = page.cursor
                inquiry.read_count += len(page.raws)
                found += self._store(page, "cursors", "read_count", "kept_count")
                if not page.has_more:
                    break
            has_more = has_more or page.has_more
        return found, has_more

    def past(self) -> None:
        """Some of what was said before."""
        inquiry = self._inquiry
        for question in list(inquiry.past):
            for _ in range(PAGES_OF_PAST):
                if not inquiry.is_looking_back:
                    return
                page = self._page(question, inquiry.past[question], since=inquiry.past_since)
                self._reach(page)
                if page.has_more:
                    inquiry.past[question] = page.cursor
                else:
                    del inquiry.past[question]
                    inquiry.past_ended_at = timezone.now() if not inquiry.past else None
                self._store(page, "past", "past_count", "past_reached_at", "past_ended_at", "kept_count")
                inquiry.refresh_from_db(fields=["past_stopped_at"])
                if not page.has_more:
                    break

    def _page(self, question: str, cursor: str, *, since: dt.datetime | None) -> Page:
        return self._connector.search(question, cursor, limit=ITEMS_A_PAGE, since=since)

    def _reach(self, page: Page) -> None:
        inquiry = self._inquiry
        times = [item.posted_at for raw in page.raws for item in self._items(raw)]
        if inquiry.past_reached_at is not None:
            times.append(inquiry.past_reached_at)
        inquiry.past_count += len(page.raws)
        inquiry.past_reached_at = min(times, default=None)

    def _items(self, raw: Raw) -> Sequence[Item]:
        try:
            return [one for one in self._connector.items(raw) if isinstance(one, Item)]  # type: ignore[attr-defined]
        except UnreadableError:
            return []

    def _is_kept(self, raw: Raw) -> bool:
        """Whether a query may find it. What cannot be read is kept too: hearing says why."""
        items = self._items(raw)
        return not items or any(self._wanting.finds(item) for item in items)

    @transaction.atomic
    def _store(self, page: Page, *fields: str) -> int:
        """Keep what a query may find together with the places that cover it; how much."""
        inquiry = self._inquiry
        kept = [raw for raw in page.raws if self._is_kept(raw)]
        inquiry.kept_count += len(kept)
        values = {name: getattr(inquiry, name) for name in fields}
        if not Inquiry.objects.filter(pk=inquiry.pk, version=inquiry.version).update(**values):
            raise _OvertakenError
        store(inquiry.channel, kept, source=ArrivalSource.SEARCH, at=timezone.now())
        return len(kept)


def is_time_for_news(inquiry: Inquiry, *, at: dt.datetime) -> bool:
    """Whether new posts are asked for in this turn; one that only reads the past may come sooner."""
    if inquiry.asked_at is None:
        return True
    return at - inquiry.asked_at >= dt.timedelta(seconds=inquiry.interval_seconds)


def interval(inquiry: Inquiry, *, found: int, at: dt.datetime) -> int:
    """Seconds until new posts are asked for again: short while something is found, twice as long each time nothing
    was; seldom where a stream tells everything as it is said."""
    shortest = manifest(inquiry.channel.connector).fetch_every_seconds or USUAL_INTERVAL_SECONDS
    channel = inquiry.channel
    is_listening = channel.stream_leased_until is not None and channel.stream_leased_until > at
    if is_listening and _is_streamed(inquiry):
        return shortest * SLOWEST
    return shortest if found else min(max(inquiry.interval_seconds, shortest) * 2, shortest * SLOWEST)


def _is_streamed(inquiry: Inquiry) -> bool:
    connector: object = connect(inquiry.channel)
    return isinstance(connector, Searches) and connector.ability.is_streamed


def _went_well(inquiry: Inquiry, *, found: int, has_more: bool, requests: int) -> None:
    now = timezone.now()
    inquiry.channel.refresh_from_db(fields=["rate_limited_until", "quota_holder", "stream_leased_until"])
    looked = is_time_for_news(inquiry, at=now)
    if looked:
        inquiry.interval_seconds = 0 if has_more else interval(inquiry, found=found, at=now)
        inquiry.asked_at = now
    living = {"channel__connector": inquiry.channel.connector, "channel__quota_holder": inquiry.channel.quota_holder}
    sharing = Inquiry.objects.awake().filter(**living).count()
    pause = quota.pause_between_searches(inquiry.channel, requests=requests, sharing=sharing, at=now)
    news_at = (inquiry.asked_at or now) + dt.timedelta(seconds=inquiry.interval_seconds)
    soon = now if inquiry.is_looking_back else news_at
    _settle(inquiry, due_at=max(min(soon, news_at), now + pause), failure="", failures_count=0)


def _failed(inquiry: Inquiry, error: Exception) -> None:
    """Ask again later: when the network says; seldom where it refuses; else after a pause that doubles."""
    now = timezone.now()
    failures = inquiry.failures_count + 1
    if isinstance(error, RateLimitedError):
        due_at = error.until
    elif isinstance(error, RejectedError):
        due_at = now + REFUSED_PAUSE
    elif isinstance(error, SignInExpiredError | UnreadableSecretError):
        due_at = now + LONGEST_PAUSE
    else:
        due_at = now + min(dt.timedelta(seconds=USUAL_INTERVAL_SECONDS * 2 ** min(failures, 10)), LONGEST_PAUSE)
    log.warning("search.failed", inquiry=str(inquiry.pk), failures=failures, because=str(error))
    _settle(inquiry, due_at=due_at, failure=str(error), failures_count=failures)


def _settle(inquiry: Inquiry, *, due_at: dt.datetime, failure: str, failures_count: int) -> None:
    """Write down how the turn ended, and be woken for the next."""
    values = {
        "due_at": due_at,
        "failure": failure,
        "failures_count": failures_count,
        "asked_at": inquiry.asked_at,
        "interval_seconds": inquiry.interval_seconds,
    }
    if Inquiry.objects.filter(pk=inquiry.pk, version=inquiry.version).update(**values):
        wake(Step.SEARCH, at=due_at)
