"""Re-reading history: what was read by other weights, or before the workspace taught its own, is read once more.

What is left to do is what the readings' versions say, so a run that dies goes on where it stopped. What a person put
right stays as it is, and nothing is routed anew: a re-reading changes what is known, not who has it. Live work comes
first: before each batch it waits until nothing new waits to be read, and its arithmetic has a low priority.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.db import transaction
from django.db.models import F, Q, QuerySet

from choir.flow.understand import texts_of
from choir.inbox.models import Conversation, Direction, Message
from choir.listening.models import Mention
from choir.people.models import Workspace
from choir.rows import insert, write_back
from choir.triage.actions import reading_of
from choir.triage.gently import gently
from choir.triage.learning.versions import learnt_of
from choir.triage.models import Reading
from choir.triage.queries import fitting_departments, terms_of
from choir.triage.reader import reader

BATCH = 256
LOOK_AGAIN_SECONDS = 0.2


def version_of(workspace: Workspace) -> str:
    """The version that a reading of this workspace has now: the weights', and what the workspace taught."""
    base = reader().heads.version
    tag = learnt_of([workspace.pk], base=base)[workspace.pk].tag
    return f"{base}+{tag}" if tag else base


def left_to_reread(workspace: Workspace, *, since: dt.datetime | None) -> QuerySet[Reading]:
    """Readings of another version that no person made."""
    found = Reading.objects.filter(workspace=workspace, is_current=True, by=None).exclude(version=version_of(workspace))
    return found.filter(mention__posted_at__gte=since) if since is not None else found


def reread(
    workspace: Workspace,
    *,
    since: dt.datetime | None = None,
    at: Callable[[], dt.datetime],
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Read a workspace's history anew, batch by batch; each step yields how many were read. Stop whenever you like."""
    last = uuid.UUID(int=0)
    while True:
        while Mention.objects.unread().exists():
            pause(LOOK_AGAIN_SECONDS)
        due = left_to_reread(workspace, since=since).filter(mention_id__gt=last).order_by("mention_id")
        batch = list(due.select_related("mention")[:BATCH])
        if not batch:
            return
        last = batch[-1].mention_id
        yield _reread(workspace, batch, at=at())


def _reread(workspace: Workspace, before: Sequence[Reading], *, at: dt.datetime) -> int:
    mentions = [one.mention for one in before]
    learnt = learnt_of([workspace.pk], base=reader().heads.version)[workspace.pk]
    texts, _ = texts_of(mentions)
    reads = gently(partial(reader().read, texts, learnt=[learnt] * len(mentions)))
    fitting = fitting_departments(reads, [workspace.organisation_id] * len(reads), [learnt] * len(reads))
    terms = terms_of({workspace.pk})[workspace.pk]
    with transaction.atomic():
        # Somebody may have put one right meanwhile: then theirs is the current one and stands.
        still = Reading.objects.select_for_update(skip_locked=True).filter(
            pk__in=[one.pk for one in before], is_current=True
        )
        held = set(still.values_list("pk", flat=True))
        anew = []
        for old, read, department in zip(before, reads, fitting, strict=True):
            if old.pk in held:
                new = reading_of(old.mention, read, at=at, terms=terms, fitting=department)
                new.theme_id = old.theme_id
                anew.append((old, new))
        Reading.objects.filter(pk__in=[old.pk for old, _ in anew]).update(is_current=False)
        insert([new for _, new in anew])
        _show(anew)
    return len(anew)


def _show(anew: Sequence[tuple[Reading, Reading]]) -> None:
    """Conversations that stood for an old reading stand for the new one, and show the mood and the language of their
    newest message, where that was read anew."""
    of_reading = {old.pk: new for old, new in anew}
    of_mention = {new.mention_id: new for _, new in anew}
    last = Message.objects.filter(
        mention__in=of_mention, direction=Direction.INBOUND, at=F("conversation__last_inbound_at")
    )
    newest = dict(last.values_list("conversation_id", "mention_id"))
    shown = Conversation.objects.filter(Q(reading_id__in=of_reading) | Q(pk__in=newest))
    rows = list(shown.select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        if row.reading_id is not None:
            row.reading = of_reading.get(row.reading_id, row.reading)
        if row.pk in newest:
            said = of_mention[newest[row.pk]]
            row.sentiment, row.language = said.sentiment, said.language
    write_back(rows, ["reading", "sentiment", "language"])
