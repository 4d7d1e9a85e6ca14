"""`choir triage reread`: history read again, with its progress."""

import datetime as dt
import os
from contextlib import suppress

from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from choir.flow.reread import left_to_reread, reread
from choir.people.models import Workspace

LOW = 10


class WrongQuestionError(ValueError):
    """What was asked for names nothing; the text says what to do."""


def reread_with_progress(slug: str, since: str) -> dict[str, int]:
    """Read the history of one workspace or all: how many readings were made anew in each. Raises WrongQuestionError for
    what does not exist."""
    chosen = Workspace.objects.filter(slug=slug) if slug else Workspace.objects.all()
    if slug and not chosen.exists():
        raise WrongQuestionError(f"There is no workspace “{slug}”. Leave the option out to reread all of them.")
    begins = _day(since) if since else None
    with suppress(OSError):
        os.nice(LOW)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    made: dict[str, int] = {}
    for workspace in chosen.order_by("slug"):
        total = left_to_reread(workspace, since=begins).count()
        made[workspace.slug] = 0
        with Progress(*columns, console=console) as shown:
            task = shown.add_task(workspace.slug, total=total)
            for count in reread(workspace, since=begins, at=timezone.now):
                made[workspace.slug] += count
                shown.advance(task, count)
        console.print(f"{workspace.slug}: {made[workspace.slug]} readings made anew.", markup=False)
    return made


def _day(since: str) -> dt.datetime:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(since), dt.time(), dt.UTC)
    except ValueError as error:
        raise WrongQuestionError(f"{since!r} is no day. Write it as 2026-01-31.") from error
