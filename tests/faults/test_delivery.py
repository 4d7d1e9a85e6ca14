"""Workers are killed at every step of delivery, many times: every answer is on the network once, none twice, none
never. `thoroughness` says how many times."""

import datetime as dt
import random
import sqlite3
import time
from collections import Counter
from pathlib import Path
from subprocess import Popen
from types import SimpleNamespace

import pytest
from django.utils import timezone

from choir.outbound.models import Delivery, DeliveryState
from tests.faults.harness import arm, kill, line_of, process, start, wait_until_dead
from tests.faults.network import MOMENTS
from tests.outbound.company import answer, found_company, write_in
from tests.thoroughness import KILLS

DEATHS = [*MOMENTS, *(f"{side}_commit {number}" for side in ("before", "after") for number in range(1, 7)), "random"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("loopback")
def test_no_answer_is_lost_or_doubled_however_workers_die(tmp_path: Path) -> None:
    company, chance = found_company(), random.Random(7)
    dead: Counter[str] = Counter()
    with process("network", str(tmp_path / "posts.sqlite")) as network:
        port = int(line_of(network))
        with process("worker", str(port)) as workers:
            line_of(workers)
            while dead.total() < KILLS:
                write(company, chance.randint(1, 4))
                death = DEATHS[dead.total() % len(DEATHS)]
                if kill_one(workers, port, death, chance):
                    dead[death] += 1
                else:
                    dead["random"] += 1
            survivors = [start(workers, "-") for _ in range(2)]
            wait_until_settled()
            for pid in survivors:
                kill(pid)
    posts = sqlite3.connect(tmp_path / "posts.sqlite").execute("SELECT key FROM post").fetchall()
    on_network = Counter(key for (key,) in posts)
    print(f"{dead.total()} kills over {Delivery.objects.count()} answers: {dict(dead)}")
    assert {key: count for key, count in on_network.items() if count > 1} == {}
    assert set(on_network) == set(Delivery.objects.values_list("key", flat=True))
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()
    assert not Delivery.objects.filter(message__external_id="").exists()


def write(company: SimpleNamespace, count: int) -> None:
    """So many answers, each in a conversation of its own, whose seconds for undo are over."""
    for _ in range(count):
        at = timezone.now() - dt.timedelta(minutes=1)
        answer(write_in(company, text="Where is it?", at=at), company.ana, at=at)


def kill_one(workers: "Popen[str]", port: int, death: str, chance: random.Random) -> bool:
    """Start a worker that dies so, with another beside it that is killed at a random time. True if it died of what it
    was to die of; a worker that never came to that moment is killed in the end."""
    by_itself = "commit" in death
    pid = start(workers, death if by_itself else "-")
    other = start(workers, "-") if chance.random() < 0.3 else None
    if death in MOMENTS:
        arm(port, pid, death)
    if death == "random":
        time.sleep(chance.uniform(0.0, 0.25))
        kill(pid)
        died = True
    else:
        died = wait_until_dead(pid, seconds=0.1 if death == "hung_up" else 1.5)
    kill(pid)
    if other is not None:
        time.sleep(chance.uniform(0.0, 0.05))
        kill(other)
    return died or death == "hung_up"


def wait_until_settled(seconds: float = 120) -> None:
    """Until nothing waits or is being sent any more."""
    end = time.monotonic() + seconds
    moving = Delivery.objects.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    while moving.exists():
        assert time.monotonic() < end, list(moving.values("state", "because", "attempts_count")[:5])
        time.sleep(0.1)
