"""Figures from tallies are what a recount of all rows says: in any order of events, late ones and corrections included,
in any time zone; and how far a rounded spread may be off."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.utils import timezone

from choir.conversions.links import address_of
from choir.conversions.models import Click, TrackedLink
from choir.flow.seal import seal
from choir.measurement.figures import by_day, figure, split
from choir.measurement.measure import measure_workspace
from choir.measurement.metric import TALLIED
from choir.measurement.metrics import catalogue
from choir.measurement.models import Progress, Tally
from choir.measurement.question import Period, Question, question
from choir.measurement.spread import EXACT, rounded, spread_of, together, unpacked
from choir.measurement.tally import tally_all
from choir.people.models import Person
from choir.routing.models import Hours
from tests.cast import Cast, cast
from tests.measurement.happening import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    NOW,
    answered,
    begun,
    engaged,
    handed,
    happened,
    measured,
    promised,
    reopened,
    resolved,
)  # fmt: skip
from tests.thoroughness import IS_LONG

SEEDS = 8 if IS_LONG else 1
SPLITS = TALLIED if IS_LONG else ("department", "campaign")
ZONES = ("Europe/Berlin", "Europe/Vienna", "America/St_Johns")


@pytest.fixture
def company(db: None) -> Cast:
    found = cast()
    found.organisation.time_zone = "Europe/Berlin"
    found.organisation.save()
    found.workspace.organisation.time_zone = "Europe/Berlin"
    return found


def caught_up(company: Cast, at: dt.datetime) -> None:
    """All that was recorded is sealed, measured and tallied."""
    while seal(at=timezone.now() + HOUR):  # what was recorded just now counts as settled
        pass
    while measure_workspace(company.workspace, at=at):
        pass
    tally_all(company.workspace, at=at)


def everything(asked: Question) -> dict[str, object]:
    """Each metric's figure, its days and its splits."""
    return {
        metric.slug: (
            figure(metric, asked),
            by_day(metric, asked),
            [split(metric, asked, by) for by in SPLITS if by in metric.splits],
        )
        for metric in catalogue().values()
    }


@pytest.mark.parametrize("seed", range(SEEDS))
def test_tallies_kept_up_event_by_event_are_a_full_recount(company: Cast, seed: int) -> None:
    chance = random.Random(seed)
    Person.objects.filter(pk=company.ana.pk).update(hourly_cost=30)
    link = TrackedLink.objects.create(
        workspace=company.workspace, code="a1", name="Shop", target="https://shop.example", campaign="spring"
    )
    alive, sent = [], []
    Progress.objects.create(workspace=company.workspace, at=MONDAY - 6 * DAY)
    for hours in range(-6 * 24, 4 * 24, 6 if IS_LONG else 16):
        at = MONDAY + hours * HOUR
        began = at - chance.choice((MINUTE, MINUTE, 40 * HOUR))  # now and then it is heard late
        department = chance.choice(("customer_service", "legal", "marketing"))
        alive.append(begun(company, began, department=department, sentiment=chance.choice(("positive", "negative"))))
        one = chance.choice(alive)
        what = chance.randrange(7)
        if what == 0:
            sent.append(answered(company, one, at, chance.choice(("It is coming.", address_of(link, one)))))
            sent[-1].person, sent[-1].handling_seconds = company.ana, chance.randrange(600)
            sent[-1].save()
            happened(company, one, "answered", at)
        elif what == 1:
            resolved(company, one, at)
        elif what == 2:
            reopened(company, one, at)
        elif what == 3:
            handed(company, one, chance.choice(("operations", "legal")), at)
        elif what == 4 and not one.clocks.exists():
            promised(company, one, due=at + 4 * HOUR, kept=None if hours % 16 else at)
            happened(company, one, "promised", at)
        elif what == 5:
            click = Click(workspace=company.workspace, link=link, visitor=f"{hours}", conversation=one, at=at)
            click.save()
        else:
            one.language, one.objective = "de", company.objectives["sales"]
            one.save()
            happened(company, one, "corrected", at)
        if sent:  # now and then a network tells how an answer does, of old ones too
            engaged(company, chance.choice(sent), at=at, views=chance.randrange(900), likes=chance.randrange(9))
        if chance.random() < 0.25:
            caught_up(company, at + HOUR)
    caught_up(company, NOW)
    assert Tally.objects.filter(workspace=company.workspace).exists()
    whole = question(company.cho, company.workspace, Period.days_to(NOW, ZoneInfo(chance.choice(ZONES)), 9))
    own = question(company.ana, company.workspace, whole.period, hours=Hours.CALENDAR)
    questions = [whole, own, whole.to(department=company.departments["legal"].pk)]
    kept, tallies = [everything(asked) for asked in questions], tallied(company)
    measured(company)  # from nothing: no tally is left, every figure is a recount
    assert not Tally.objects.exists()
    assert kept == [everything(asked) for asked in questions]
    tally_all(company.workspace, at=NOW)
    assert tallies == tallied(company)


def tallied(company: Cast) -> set[tuple[object, ...]]:
    rows = Tally.objects.filter(workspace=company.workspace)
    fields = ("metric", "dimension", "key", "day", "n", "met", "against", "calendar", "business")
    return {
        tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in rows.values_list(*fields)
    }


def test_a_stale_day_is_read_from_its_rows(company: Cast) -> None:
    begun(company, MONDAY)
    caught_up(company, NOW)
    begun(company, MONDAY + HOUR)
    while seal(at=timezone.now() + HOUR):
        pass
    measure_workspace(company.workspace, at=NOW)
    asked = question(company.cho, company.workspace, Period.days_to(NOW, ZoneInfo("Europe/Berlin"), 9))
    assert Tally.objects.get(metric="conversations", dimension="", day=MONDAY.date()).n == 1
    assert figure(catalogue()["conversations"], asked).n == 2


def test_many_durations_are_rounded_by_less_than_one_in_a_hundred() -> None:
    drawn = np.random.default_rng(7).lognormal(8, 2, 20 * (EXACT + 500)).astype(int)
    days = np.split(drawn, 20)
    kept = [unpacked(rounded(spread_of(day)).packed()) for day in days]
    found, exact = together(kept), spread_of(drawn)
    assert found.n == len(drawn)
    assert len(found.values) < 2_000
    for fraction in (0.01, 0.25, 0.5, 0.9, 0.99):
        assert found.quantile(fraction) == pytest.approx(np.quantile(drawn, fraction), rel=0.01)
        assert exact.quantile(fraction) == pytest.approx(np.quantile(drawn, fraction))


def test_few_durations_stay_as_they_are() -> None:
    few = spread_of([1, 1, 250, 86_400])
    assert rounded(few) == few
    assert together([few, spread_of([])]).quantile(0.5) == pytest.approx(125.5)
