"""Workers are killed at every step of arrival, many times: whatever the network said is there once, none twice, none
never."""

import random
import time

import pytest
from django.db.models import Count

from choir.channels.models import Arrival, Channel
from choir.inbox.models import Conversation, Message
from choir.listening.models import Mention
from tests.faults.harness import kill, line_of, process, start, wait_until_dead
from tests.places import place
from tests.thoroughness import KILLS

ENTRIES_A_KILL = 14

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.django_db(transaction=True)]


def test_nothing_said_is_lost_or_doubled_however_workers_die(tmp_path: object) -> None:
    channel, chance = place().channel, random.Random(11)
    total = KILLS * ENTRIES_A_KILL
    with process("network", f"{tmp_path}/posts.sqlite") as network:
        port = line_of(network)
        with process("worker", port, str(channel.pk), str(total)) as workers:
            line_of(workers)
            for number in range(KILLS):
                death = chance.choice(["before_commit", "after_commit", "random"])
                pid = start(workers, "-" if death == "random" else f"{death} {1 + number % 6}")
                other = start(workers, "-") if chance.random() < 0.3 else None
                wait_until_dead(pid, seconds=chance.uniform(0.0, 0.3) if death == "random" else 3)
                kill(pid)
                if other is not None:
                    kill(other)
            survivor = start(workers, "-")
            wait_until_heard(channel, total)
            kill(survivor)
    texts = {f"number {number}" for number in range(1, total + 1)}
    assert set(Mention.objects.values_list("text", flat=True)) == texts
    assert Mention.objects.count() == Message.objects.count() == Arrival.objects.count() == total
    assert not Arrival.objects.exclude(set_aside_because="").exists()
    assert Conversation.objects.count() == 5
    counted = Conversation.objects.annotate(true_count=Count("messages")).values_list("messages_count", "true_count")
    assert all(kept == true for kept, true in counted)


def wait_until_heard(channel: Channel, total: int, seconds: float = 180) -> None:
    """Until the stream was read to its end and all of it was heard."""
    end = time.monotonic() + seconds
    while Mention.objects.count() < total or Arrival.objects.waiting().exists():
        channel.refresh_from_db()
        assert time.monotonic() < end, f"at {channel.cursor} of {total}, {Mention.objects.count()} heard"
        time.sleep(0.1)
