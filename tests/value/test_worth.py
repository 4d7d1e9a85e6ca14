"""Accounts per goal, worked by hand from a week of conversations."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from choir.conversions.attributing import attribute
from choir.conversions.models import Conversion, ConversionKind
from choir.measurement.question import Period
from choir.people.access import NotAllowedError
from choir.strategy.models import Goal, Initiative
from choir.value.actions import count_for, spend
from choir.value.assuming import AssumptionRefusedError, Key, Range, assume, assumptions
from choir.value.worth import Account, value_of
from tests.cast import Cast, cast
from tests.measurement.happening import DAY, HOUR, MONDAY, NOW, answered, begun, measured, resolved

pytestmark = pytest.mark.django_db
DAYS = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
WEEK = Period.days_to(NOW, ZoneInfo("UTC"), 5)


@pytest.fixture
def company() -> Cast:
    return cast()


@pytest.fixture
def keep(company: Cast) -> Goal:
    goal = Goal.objects.create(workspace=company.workspace, name="Keep them", purpose="keep", **DAYS)
    goal.objectives.set([company.objectives["care"]])
    return goal


def account(company: Cast, goal: Goal | None) -> Account:
    return next(one for one in value_of(company.workspace, WEEK).accounts if one.goal == goal)


def said(
    company: Cast, name: str, *values: float, goal: Goal | None = None, kind: ConversionKind | None = None
) -> None:
    assume(
        company.workspace, name, values=Range(*values) if len(values) == 3 else Range(*values * 3), because="A test.",
        by=company.cho, at=NOW, goal=goal, kind=kind,
    )  # fmt: skip


def order(company: Cast, kind: ConversionKind, at: dt.datetime, amount: int | None, **more: object) -> Conversion:
    number = Conversion.objects.count()
    return Conversion.objects.create(
        workspace=company.workspace, kind=kind, external_id=f"o{number}", at=at, amount=amount, recorded_at=at, **more
    )


def test_credited_amounts_times_what_remains_times_what_we_caused(company: Cast, keep: Goal) -> None:
    """Two orders of 100 after our answer, one of 900 that nobody had touched: 200 × 40 % × 50 % = 40."""
    kind = ConversionKind.objects.create(workspace=company.workspace, slug="order", name="Order")
    count_for(kind, goal=keep, by=company.cho, at=NOW)
    one = begun(company, MONDAY)
    answered(company, one, MONDAY + HOUR)
    for hours in (2, 3):
        order(company, kind, MONDAY + hours * HOUR, 100, customer=one.customer)
    order(company, kind, MONDAY + 4 * HOUR, 900)
    attribute(at=NOW)
    [part] = account(company, keep).benefits
    assert (part.what, part.n, part.amount) == ("amount", 2, None)
    assert [key.name for key in part.missing] == ["margin", "caused"]
    said(company, "margin", 0.4, goal=keep)
    said(company, "caused", 0.5, goal=keep)
    found = account(company, keep)
    assert found.benefit.middle == pytest.approx(40)
    assert value_of(company.workspace, WEEK).counted.conversions[0].untouched_amount == 900


def test_work_costs_its_recorded_hours_and_unrecorded_answers_what_is_assumed(company: Cast, keep: Goal) -> None:
    """Ana costs 30 an hour: 12 recorded minutes are 6. An answer without a record, at 4 minutes, is 2. Ben has no
    hourly cost: his 30 minutes, at 20 an hour, are 10. Together 18, and twice that with the work around it: 36."""
    company.ana.hourly_cost = Decimal(30)
    company.ana.save()
    for person, seconds in ((company.ana, 720), (company.ana, None), (company.ben, 1800)):
        message = answered(company, begun(company, MONDAY), MONDAY + HOUR)
        message.person, message.handling_seconds = person, seconds
        message.save()
    found = account(company, keep)
    assert found.cost.middle == pytest.approx(6)
    assert found.cost_is_partial
    said(company, "answer_minutes", 4)
    said(company, "hour_cost", 20)
    assert account(company, keep).cost.middle == pytest.approx(18)
    said(company, "around_work", 2)
    found = account(company, keep)
    assert found.cost.middle == pytest.approx(36)
    assert not found.cost_is_partial


def test_spend_is_even_over_its_days_and_goes_to_the_goal_of_its_initiative(company: Cast, keep: Goal) -> None:
    """100 over ten days of which five are in the week: 50 for its goal. 30 for everything in the week goes where the
    answers went: two of three answers were about care, so 20 and 10."""
    initiative = Initiative.objects.create(workspace=company.workspace, goal=keep, name="Depots", **DAYS)
    first = WEEK.first
    ten = {"starts_on": first - 5 * DAY, "ends_on": first + 4 * DAY}
    spend(company.workspace, kind="paid", name="Ads", amount=Decimal(100), initiative=initiative, by=company.cho,
          at=NOW, **ten)  # fmt: skip
    spend(company.workspace, kind="tools", name="Tools", amount=Decimal(30), initiative=None, by=company.cho, at=NOW,
          starts_on=first, ends_on=first)  # fmt: skip
    for objective in ("care", "care", "sales"):
        message = answered(company, begun(company, MONDAY, objective=objective), MONDAY + HOUR)
        message.person, message.handling_seconds = company.ana, 0
        message.save()
    assert account(company, keep).cost.middle == pytest.approx(70)
    assert account(company, None).cost.middle == pytest.approx(10)
    assert value_of(company.workspace, WEEK).total.cost.middle == pytest.approx(80)


def test_an_objective_of_two_goals_counts_half_for_each(company: Cast, keep: Goal) -> None:
    """Four conversations settled with one answer × 50 % × 8 = 16, of which each goal has half."""
    save = Goal.objects.create(workspace=company.workspace, name="Save", purpose="save", **DAYS)
    save.objectives.set([company.objectives["care"]])
    for _ in range(4):
        one = begun(company, MONDAY)
        answered(company, one, MONDAY + HOUR)
        resolved(company, one, MONDAY + 2 * HOUR)
    measured(company)
    for goal in (keep, save):
        said(company, "deflected", 0.5, goal=goal)
        said(company, "contact_cost", 8, goal=goal)
        assert account(company, goal).benefit.middle == pytest.approx(8)


def test_a_good_name_has_no_price(company: Cast) -> None:
    goal = Goal.objects.create(workspace=company.workspace, name="Good name", purpose="protect", **DAYS)
    goal.objectives.set([company.objectives["care"]])
    one = begun(company, MONDAY)
    answered(company, one, MONDAY + HOUR)
    resolved(company, one, MONDAY + 2 * HOUR)
    measured(company)
    found = account(company, goal)
    assert found.benefits == []
    assert found.claims_nothing


def test_the_newest_assumption_holds_and_an_empty_one_takes_it_back(company: Cast, keep: Goal) -> None:
    said(company, "caused", 0.1, 0.2, 0.3, goal=keep)
    said(company, "caused", 0.2, 0.3, 0.4, goal=keep)
    assert assumptions(company.workspace)[Key("caused", keep.pk)].likely == 0.3
    assume(company.workspace, "caused", values=None, because="No longer.", by=company.cho, at=NOW, goal=keep)
    assert Key("caused", keep.pk) not in assumptions(company.workspace)


def test_what_makes_no_sense_or_is_not_theirs_to_say_is_refused(company: Cast, keep: Goal) -> None:
    for values in ((0.5, 0.4, 0.6), (0.5, 0.6, 1.2)):
        with pytest.raises(AssumptionRefusedError):
            said(company, "caused", *values, goal=keep)
    with pytest.raises(AssumptionRefusedError, match="said of a goal"):
        said(company, "caused", 0.1, 0.2, 0.3)
    with pytest.raises(NotAllowedError):
        assume(company.workspace, "hour_cost", values=None, because="x", by=company.ana, at=NOW)
