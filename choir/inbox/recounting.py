"""Running clocks when the rules they count by change: what was spent stays spent, what is left counts anew."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Q, QuerySet

from choir.inbox import clocks
from choir.inbox.models import Clock, Conversation
from choir.rows import write_back


@contextmanager
def recounted(which: Q, *, at: dt.datetime) -> Iterator[QuerySet[Clock]]:
    """Within the caller's transaction: time until `at` is counted under the rules that hold before the block, time
    from then on under those that hold after it. The block changes hours, holidays or the promise, and may update the
    clocks it is given; their conversations are held meanwhile, and get the moment at which the next one runs out."""
    running = Clock.objects.filter(which, stopped_at=None, paused_at=None)
    held = Conversation.objects.filter(pk__in=running.values("conversation")).order_by("pk").select_for_update()
    conversations = list(held.only("pk", "due_at"))
    counted = list(running.filter(conversation__in=conversations).select_related("team"))
    calendars = clocks.calendars_of({one.team for one in counted if one.team is not None})
    for clock in counted:
        clocks.settle(clock, calendars.get(clock.team_id, clocks.ALWAYS), at=at)
    write_back(counted, ["counted_from", "spent_seconds"])
    yield Clock.objects.filter(pk__in=[clock.pk for clock in counted])
    _set_due(conversations, {clock.pk for clock in counted})


def _set_due(conversations: list[Conversation], changed: set[object]) -> None:
    clocks_of: dict[object, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(conversation__in=conversations).select_related("team"):
        clocks_of[clock.conversation_id].append(clock)
    everyone = [clock for several in clocks_of.values() for clock in several]
    anew = [clock for clock in everyone if clock.pk in changed]
    calendars = clocks.calendars_of({one.team for one in anew if one.team is not None})
    for clock in anew:
        clocks.set_due(clock, calendars.get(clock.team_id, clocks.ALWAYS))
    write_back(anew, ["due_at"])
    for conversation in conversations:
        conversation.due_at = clocks.next_due(clocks_of[conversation.pk])
    write_back(conversations, ["due_at"])
