"""Misrouting and drift: what past hand-overs propose, and when a shift is more than chance."""

import datetime as dt
import random
import uuid
from collections import Counter

import pytest

from choir.events.models import Event
from choir.flow.drift import WEEK, Week, _unsure, _weeks, chance_of, shifted, shifts_of
from choir.flow.drifted import since
from choir.flow.drifting import acknowledge, notice_drift
from choir.inbox.assigning import hand_over
from choir.inbox.models import Conversation
from choir.strategy.misrouting import Past, _words_of, chance_of_words, misrouting_of, proposed
from choir.triage.models import Drift, Reading
from choir.web.learning.drifting import drift_rows
from tests.cast import NOON, Cast, cast
from tests.conversing import opened, read_as, says

DAY = dt.timedelta(days=1)

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
    change = proposed([past(words="warranty broken")] * 5, [past(words="broken")] * 40)
    assert (change.kind, change.word, change.spared, change.misplaced) == ("rule", "warranty", 5, 0)


def test_a_word_that_a_few_have_is_no_rule_nor_one_that_many_words_would_be_by_chance() -> None:
    assert proposed([past(words="life")] * 4 + [past()] * 4, [past()] * 90).kind == "examples"
    by_chance = [past(words=" ".join(f"word{number}" for number in range(40)))] * 5
    assert proposed(by_chance, [past()] * 5).kind == "examples"
    assert chance_of_words(3, 0, 8, 130) == pytest.approx(56 / 428536)


def test_of_words_that_separate_alike_those_that_say_more_are_proposed() -> None:
    assert _words_of("Is Second Life, the programme, on in 2026?") >= {"second", "life", "second life"}
    said = [Past(uuid.uuid4(), "care", "", "en", _words_of("Second Life?"), GIVER)] * 6
    assert proposed(said, [past(words="second")] * 40).word == "second life"


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


def test_a_handful_of_unsure_readings_is_no_drift_where_none_were() -> None:
    quiet = [Week(60, 0, Counter(), Counter()) for _ in range(8)]
    assert not _unsure(Week(60, 4, Counter(), Counter()), quiet)
    (found,) = _unsure(Week(60, 9, Counter(), Counter()), quiet)
    assert (found.about, found.count, found.total) == ("unsure", 9, 60)


def test_a_drift_began_where_the_sum_of_what_is_unexpected_is_largest() -> None:
    days = [(dt.date(2026, 3, day), so, 10) for day, so in enumerate((1, 2, 1, 1, 6, 5, 7), 1)]
    assert since(days, share=0.15, rises=True) == dt.date(2026, 3, 5)
    assert since(days, share=0.9, rises=False) == dt.date(2026, 3, 1)
    assert since([], share=0.1, rises=True) is None


def opened_with(company: Cast, day: float, *, topic: str = "", confidence: float = 0.9, text: str = "Hums") -> None:
    """A conversation that began on a day of March, whose first words read so."""
    at = NOON + dt.timedelta(days=day)
    began = opened(company, text, at=at)
    Conversation.objects.filter(pk=began.pk).update(first_inbound_at=at, last_message_at=at)
    Reading.objects.filter(mention__in=began.messages.values("mention")).update(
        topic=topic, objective_confidence=confidence
    )


@pytest.mark.django_db
def test_what_conversations_end_in_is_no_drift() -> None:
    """Older ones have ended in thanks and were sorted; those of this week have not. They opened alike."""
    company: Cast = cast()
    for number in range(80):
        opened_with(company, -number, confidence=0.1 if number % 4 == 0 else 0.9)
    ended = Conversation.objects.filter(first_inbound_at__lt=NOON - WEEK)
    Conversation.objects.filter(first_inbound_at__gte=NOON - WEEK).update(is_unsure=True)
    for one in ended.select_related("reading"):
        thanks = says(company, one, "Thanks!", at=NOON, identity=one.customer.identities.get())
        one.reading = read_as(company, thanks, objective="advocacy", needs_reply=False)
        one.save()
    weeks = _weeks(company.workspace, at=NOON)
    assert [sum(week.objectives.values()) - week.objectives["care"] for week in weeks] == [0] * 9
    assert {week.unsure for week in weeks} <= {1, 2}
    assert shifts_of(company.workspace, at=NOON) == []


@pytest.mark.django_db
def test_a_drift_is_told_once_with_its_evidence_to_whoever_should_act() -> None:
    company: Cast = cast()
    for number in range(55):
        opened_with(company, -7.5 - number, topic="billing")
    for number in range(40):
        opened_with(company, -number / 20, topic="delivery", text=f"Late {number}")
    assert [notice_drift(at=NOON) for _ in range(2)] == [1, 0]
    drift = Drift.objects.get()
    assert (drift.about, drift.name, drift.count, drift.total) == ("topic", "delivery", 40, 40)
    assert (drift.began_on, drift.department) == ((NOON - 2 * DAY).date(), company.departments["operations"])
    assert drift.parts == [["channel", company.channel.name, 40], ["objective", "care", 40]]
    rows = drift_rows(company.workspace, company.cho)
    assert [said for _, said in rows[0].examples] == ["Late 0", "Late 1", "Late 2"]
    assert not drift_rows(company.workspace, company.outsider)[0].examples
    assert drift_rows(company.workspace, company.ben)[0].is_ours
    acknowledge(drift, by=company.cho, at=NOON)
    assert (drift_rows(company.workspace, company.cho, unseen=True), notice_drift(at=NOON + DAY / 24)) == ([], 0)
    Conversation.objects.filter(first_inbound_at__gt=NOON - WEEK).delete()
    assert notice_drift(at=NOON + DAY / 12) == 1
    assert list(Event.objects.filter(verb__startswith="drift").order_by("id").values_list("verb", flat=True)) == [
        "drift.began", "drift.acknowledged", "drift.ended",
    ]  # fmt: skip
