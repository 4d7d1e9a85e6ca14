"""Misrouting and drift: what past hand-overs propose, and when a shift is more than chance."""

import datetime as dt
import random
import uuid
from collections import Counter

import pytest

from choir.flow.drift import Drift, chance_of, shifted
from choir.flow.drifted import evidence_of, since
from choir.inbox.assigning import hand_over
from choir.strategy.misrouting import Past, misrouting_of, proposed
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import opened

GIVER = uuid.uuid4()


def past(objective: str = "care", topic: str = "", language: str = "en", words: str = "") -> Past:
    return Past(uuid.uuid4(), objective, topic, language, frozenset(words.split()), GIVER)


def test_a_topic_that_is_always_handed_over_is_proposed_as_a_cell() -> None:
    change = proposed([past(topic="delivery")] * 5, [past(topic="billing")] * 50 + [past(topic="delivery")])
    assert (change.kind, change.topic, change.language, change.spared, change.misplaced) == (
        "cell",
        "delivery",
        "",
        5,
        1,
    )


def test_a_word_that_tells_them_apart_is_proposed_as_a_rule() -> None:
    change = proposed([past(words="warranty broken")] * 4, [past(words="broken")] * 40)
    assert (change.kind, change.word, change.spared, change.misplaced) == ("rule", "warranty", 4, 0)


def test_where_nothing_tells_them_apart_more_examples_are_proposed() -> None:
    assert proposed([past()] * 5, [past()] * 50).kind == "examples"
    assert proposed([past(topic="delivery")] * 2, []).kind == "examples"


@pytest.mark.django_db
def test_hand_overs_are_counted_with_what_came_back_and_the_time_they_took() -> None:
    company: Cast = cast()
    for hours in (1, 2, 3):
        moved = opened(company, "My warranty card?")
        moved.first_inbound_at = NOON
        moved.save()
        Reading.objects.filter(is_current=True).update(topic="billing")
        at = NOON + dt.timedelta(hours=hours)
        hand_over(moved, to=company.departments["legal"], because="theirs", by=company.cho, at=at)
    hand_over(moved, to=company.departments["customer_service"], because="no, yours", by=company.cho, at=at)
    opened(company)
    found = misrouting_of(company.workspace, since=NOON - dt.timedelta(days=1))
    assert (found.handed_over, found.ping_pong, found.lost_seconds_median) == (3, 1, 7200)
    pair = found.pairs[0]
    assert (pair.giver.slug, pair.taker.slug, pair.count, pair.back) == ("customer_service", "legal", 3, 1)
    assert (pair.change.kind, pair.change.topic) == ("cell", "billing")


def test_chances_are_those_of_the_tables() -> None:
    for chi, freedom in ((6.635, 1), (11.345, 3), (20.090, 8)):
        assert chance_of(chi, freedom) == pytest.approx(0.01, abs=0.002)


def test_a_shift_of_the_mix_is_told_and_its_largest_part_named() -> None:
    weeks = [Counter(care=70, sales=20, talent=10) for _ in range(8)]
    assert [one.name for one in shifted("objective", Counter(care=40, sales=50, talent=10), weeks)] in (
        [["sales"], ["care"]]
    )


def test_an_unchanged_mix_cries_wolf_about_once_in_a_hundred() -> None:
    chance, alarms = random.Random(5), 0
    for _ in range(400):
        drawn = [Counter(chance.choices(["care", "sales", "talent", "rest"], [60, 20, 15, 5], k=90)) for _ in range(9)]
        alarms += bool(shifted("objective", drawn[0], drawn[1:]))
    assert alarms <= 10


def test_a_drift_began_where_the_sum_of_what_is_unexpected_is_largest() -> None:
    days = [(dt.date(2026, 3, day), so, 10) for day, so in enumerate((1, 2, 1, 1, 6, 5, 7), 1)]
    assert since(days, share=0.15, rises=True) == dt.date(2026, 3, 5)
    assert since(days, share=0.9, rises=False) == dt.date(2026, 3, 1)
    assert since([], share=0.1, rises=True) is None


@pytest.mark.django_db
def test_a_drift_says_since_when_where_and_with_which_words() -> None:
    company: Cast = cast()
    at = NOON + dt.timedelta(days=13)
    for day in (6, 11, 12, 13):
        moved = opened(company, f"Hums on day {day}")
        moved.first_inbound_at = NOON + dt.timedelta(days=day, hours=-1)
        moved.is_unsure = day > 6
        moved.save()
    found = evidence_of(company.workspace, Drift("unsure", "", 0.1, 0.8), person=company.cho, at=at)
    assert found.since == (NOON + dt.timedelta(days=11)).date()
    assert [said for _, said in found.examples] == ["Hums on day 13", "Hums on day 12", "Hums on day 11"]
    assert [(one.kind, one.name, one.count) for one in found.parts][:2] == [
        ("channel", company.channel.name, 3),
        ("objective", "care", 3),
    ]
    assert not evidence_of(company.workspace, Drift("unsure", "", 0.1, 0.8), person=company.outsider, at=at).examples
