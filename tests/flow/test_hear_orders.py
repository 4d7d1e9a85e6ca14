"""The same threads, in the database: orders, workers, what breaks off, statements."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext

from choir.channels.actions import store
from choir.channels.contract import Author
from choir.channels.models import Arrival, ArrivalSource, Channel
from choir.customers.actions import identify
from choir.customers.models import Customer, Identity
from choir.flow.hear import hear, hear_channel
from choir.inbox.models import Conversation, Message
from choir.listening.models import Mention
from tests.places import NOW, Place, entry, place

SHAPE = {"a": "", "b": "a", "c": "b", "d": "b", "x": "y", "y": "x", "z": "x", "p": "gone", "q": "gone", "r": "q"}
EXPECTED = {frozenset("abcd"), frozenset("xyz"), frozenset("pqr")}


def conversations() -> set[frozenset[str]]:
    grouped: dict[object, set[str]] = {}
    for external_id, pk in Message.objects.values_list("external_id", "conversation_id"):
        grouped.setdefault(pk, set()).add(external_id)
    assert len(grouped) == Conversation.objects.count()
    return {frozenset(one) for one in grouped.values()}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_every_order_and_batch_gives_the_same_conversations(seed: int) -> None:
    north, dice = place(), random.Random(seed)
    names = list(SHAPE)
    dice.shuffle(names)
    while names:
        some = [names.pop() for _ in range(min(len(names), dice.randint(1, 4)))]
        store(north.channel, [entry(name, parent=SHAPE[name]) for name in some], source=ArrivalSource.FETCH, at=NOW)
        hear(at=NOW)
    assert conversations() == EXPECTED
    for conversation in Conversation.objects.all():
        assert conversation.messages_count == conversation.messages.count()


@pytest.mark.django_db(transaction=True)
def test_two_workers_hear_everything_once() -> None:
    channels = [place("north").channel, place("south").channel]
    for channel in channels:
        raws = [entry(f"m{n}", parent=f"m{n - 1}" if n % 5 else "", author={"id": f"u{n % 7}"}) for n in range(400)]
        random.Random(1).shuffle(raws)
        store(channel, raws, source=ArrivalSource.WEBHOOK, at=NOW)

    def work() -> None:
        while hear(at=NOW):
            pass
        close_old_connections()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not Arrival.objects.waiting().exists()
    assert (Mention.objects.count(), Message.objects.count(), Conversation.objects.count()) == (800, 800, 160)


@pytest.mark.django_db(transaction=True)
def test_two_who_hear_the_same_people_in_other_orders_never_wait_for_each_other() -> None:
    workspace = place("north").workspace
    failed: list[BaseException] = []
    ready = threading.Barrier(2)

    def meet(names: list[str], round_number: int) -> None:
        people = [Author(f"{name} {round_number}") for name in names]
        ready.wait(60)
        try:
            with transaction.atomic():
                identify(workspace.pk, network="bluesky", authors=people, at=NOW)
        except OperationalError as deadlock:
            failed.append(deadlock)
        connection.close()

    for round_number in range(4):
        names = [f"{n:03}" for n in range(400)]
        both = [threading.Thread(target=meet, args=(order, round_number)) for order in (names, names[::-1])]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert failed == []
    assert Identity.objects.count() == Customer.objects.count() == 1600


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_breaks_off_leaves_everything_waiting() -> None:
    north: Place = place()
    store(north.channel, [entry("a"), entry("b", parent="a")], source=ArrivalSource.WEBHOOK, at=NOW)
    with transaction.atomic():
        assert hear_channel(Channel.objects.select_related("workspace").get(), at=NOW) == 2
        transaction.set_rollback(True)
    assert (Arrival.objects.waiting().count(), Message.objects.count()) == (2, 0)
    assert hear(at=NOW) == 2
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_batch() -> None:
    north = place()
    counts = []
    for size, prefix in ((30, "a"), (300, "b")):
        raws = [
            entry(f"{prefix}{n}", author={"id": f"{prefix}u{n}"}, parent=f"{prefix}{n - 1}" if n % 3 else "")
            for n in range(size)
        ]
        store(north.channel, raws, source=ArrivalSource.WEBHOOK, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert hear(at=NOW) == size
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 3
