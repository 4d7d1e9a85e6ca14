"""Two people answer at the same moment: one of them does, the others are told. `thoroughness` says how many
times."""

import threading
from types import SimpleNamespace as Company
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from choir.inbox.models import Conversation
from choir.outbound.actions import StaleReply, send
from choir.outbound.models import Delivery
from tests.outbound.company import found_company, write_in
from tests.thoroughness import RACES


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("loopback")
@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_exactly_one_leaves() -> None:
    company = found_company()
    races = [write_in(company, text="Where is it?", at=timezone.now()) for _ in range(RACES)]
    results: dict[str, list[Any]] = {"ana": [], "nia": [], "lea": []}
    line = threading.Barrier(len(results))
    racers = [threading.Thread(target=race, args=(company, name, races, line, results)) for name in results]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    for number, conversation in enumerate(races):
        outcomes = [results[name][number] for name in results]
        won = [one for one in outcomes if isinstance(one, Delivery)]
        lost = [one for one in outcomes if isinstance(one, StaleReply)]
        assert (len(won), len(lost)) == (1, 2)
        winner = won[0].message.person
        assert all(str(winner) in str(one) for one in lost)
        assert Delivery.objects.filter(message__conversation=conversation).count() == 1
    assert all(any(isinstance(one, Delivery) for one in mine) for mine in results.values()), "nobody always wins"


def race(
    company: Company, name: str, races: list[Conversation], line: threading.Barrier, results: dict[str, list[Any]]
) -> None:
    """Answer every conversation, each at the same moment as the others."""
    person = getattr(company, name)
    try:
        for conversation in races:
            mine = Conversation.objects.select_related("workspace", "channel").get(pk=conversation.pk)
            line.wait()
            try:
                outcome: Any = send(mine, text=f"{name}!", seen_revision=1, by=person, at=timezone.now())
            except StaleReply as refused:
                outcome = refused
            results[name].append(outcome)
    finally:
        connections.close_all()
