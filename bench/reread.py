"""Reading history again with `choir triage reread`: how fast, whether a kill loses anything, and what live messages
notice of it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from bench.effort import measured
from bench.figures import middle, percentile, say
from bench.flow import raws, running
from bench.place import Place, fresh
from choir.channels.actions import store
from choir.channels.models import ArrivalSource
from choir.flow.reread import left_to_reread, reread
from choir.flow.steps import advance
from choir.listening.models import Mention
from choir.triage.models import Reading
from choir.wake import Step

HISTORY, LIVE, LIVE_A_SECOND = 4_000, 100, 20
COMMAND = (sys.executable, "-m", "choir.operations", "triage", "reread")


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Reread a history alone; kill it on the way; then beside live messages. `sizes` are of no concern to it."""
    place = fresh()
    store(place.channel, raws(HISTORY), source=ArrivalSource.WEBHOOK, at=timezone.now())
    for step in (Step.HEAR, Step.UNDERSTAND, Step.ROUTE, Step.SEAL, Step.MEASURE):
        advance(step)
    figures = _alone(place) | _killed(place) | _beside_live(place)
    connection.close()
    return figures


def _make_old() -> None:
    """As if other weights had read everything."""
    Reading.objects.filter(is_current=True).update(version="old")


def _alone(place: Place) -> dict[str, float]:
    _make_old()
    with measured() as effort:
        count = sum(reread(place.workspace, at=timezone.now))
    say("read again a second", f"{count / effort.wall:,.0f}/s by the clock")
    rates = f"{count / effort.python:,.0f}/s, {1e6 * effort.database / count:,.0f} µs"
    say("read again a second of a processor, and the database's", rates, "the encoder: see `triage`")
    return {"reread_a_second": count / effort.wall, "reread_a_processor_second": count / effort.python}


def _killed(place: Place) -> dict[str, float]:
    """A run that is killed, and one that goes on where it stopped."""
    _make_old()
    whole = left = left_to_reread(place.workspace, since=None).count()
    doomed = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while left == whole and doomed.poll() is None:
        time.sleep(0.05)
        left = left_to_reread(place.workspace, since=None).count()
    doomed.kill()
    doomed.wait()
    left = left_to_reread(place.workspace, since=None).count()
    subprocess.run(COMMAND, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lost = left_to_reread(place.workspace, since=None).count()
    doubled = Reading.objects.filter(is_current=True).count() - Mention.objects.count()
    say("killed on the way: left to the next run", f"{left:,} of {whole:,}")
    say("lost and doubled by it", f"{lost} and {doubled}", "must be 0")
    return {"left_after_kill": left, "lost": lost, "doubled": doubled}


def _beside_live(place: Place) -> dict[str, float]:
    """How long live messages wait until they are read, without and with a rereading beside them."""
    with running(place):
        quiet = _live(place)
        _make_old()
        beside = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        busy = _live(place)
        went_on = beside.poll() is None
        beside.terminate()
        beside.wait(30)
    for name, waited in (("alone", quiet), ("beside a rereading", busy)):
        shown = f"{middle(waited) * 1000:,.0f} / {percentile(waited, 0.95) * 1000:,.0f} ms"
        say(f"live messages until they are read, {name}", shown, "median / p95")
    say("the rereading was at work all the while", "yes" if went_on else "no")
    return {
        "live_quiet_p95_ms": percentile(quiet, 0.95) * 1000,
        "live_beside_p95_ms": percentile(busy, 0.95) * 1000,
    }


def _live(place: Place) -> list[float]:
    """Seconds from storing to reading of messages that come one by one."""
    keys = []
    for _ in range(LIVE):
        (raw,) = raws(1)
        keys.append(raw.key.partition(":")[0])
        store(place.channel, [raw], source=ArrivalSource.WEBHOOK, at=timezone.now())
        time.sleep(1 / LIVE_A_SECOND)
    mentions = Mention.objects.filter(external_id__in=keys)
    deadline = time.monotonic() + 60
    while mentions.filter(read_at__isnull=False).count() < LIVE and time.monotonic() < deadline:
        time.sleep(0.2)
    read = mentions.filter(read_at__isnull=False).values_list("received_at", "readings__at")
    return [(read_at - received_at).total_seconds() for received_at, read_at in read if read_at is not None]
