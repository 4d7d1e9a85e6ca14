"""A KPI's outlook agrees with the figure of its period; its status changes once; days together are the whole."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from choir.events.models import Event
from choir.measurement.days import days, together
from choir.measurement.figures import figure
from choir.measurement.metrics import catalogue
from choir.measurement.question import Period, question
from choir.people.access import NotAllowedError
from choir.strategy.actions import PlanRefusedError, end, plan
from choir.strategy.models import KPI, Goal, Initiative, Outlook, Purpose, Status, Wants
from choir.strategy.outlook import ANEW_AFTER, keep_outlook, look_ahead
from choir.strategy.queries import gaps, off_track, tree
from tests.cast import Cast, cast
from tests.measurement.happening import DAY, HOUR, MONDAY, NOW, answered, begun, handed, measured, resolved

pytestmark = pytest.mark.django_db
UTC = ZoneInfo("UTC")


@pytest.fixture
def company() -> Cast:
    return cast()


def weeks(company: Cast, count: int = 4) -> None:
    """Two conversations a day for some weeks, answered after one hour and after three, one of them handed over."""
    for number in range(count * 7):
        at = MONDAY - (number - 4) * DAY
        quick, slow = begun(company, at), begun(company, at + HOUR)
        answered(company, quick, at + HOUR)
        answered(company, slow, at + 4 * HOUR)
        handed(company, slow, "operations", at + 2 * HOUR)
        resolved(company, quick, at + 2 * HOUR)
    measured(company)


def kpi(company: Cast, metric: str, target: float, **changed: object) -> KPI:
    values = {
        "workspace": company.workspace, "name": metric, "metric": metric, "target": target, "wants": Wants.AT_LEAST,
        "starts_on": MONDAY.date() - 10 * DAY, "ends_on": MONDAY.date() + 30 * DAY, "hours": "calendar",
        "owner": company.cho,
    } | changed  # fmt: skip
    return KPI.objects.create(**values)


@pytest.mark.parametrize("slug", ["conversations", "first_response", "handover_rate", "sentiment", "backlog"])
def test_days_put_together_are_the_figure_of_the_whole(company: Cast, slug: str) -> None:
    weeks(company)
    asked = question(company.cho, company.workspace, Period.days_to(NOW, UTC, 25))
    metric = catalogue()[slug]
    whole = figure(metric, asked).value
    assert whole is not None
    assert together(metric, list(days(metric, asked).values())) == pytest.approx(whole, rel=0.01)


def test_on_track_and_off_track(company: Cast) -> None:
    weeks(company)
    good, bad = kpi(company, "conversations", 50), kpi(company, "conversations", 500)
    assert look_ahead(at=NOW) == 2
    found = {one.kpi_id: one for one in Outlook.objects.all()}
    assert found[good.pk].status == Status.ON_TRACK
    assert found[bad.pk].status == Status.OFF_TRACK
    assert found[good.pk].value == 30
    assert [one.pk for one in off_track(company.workspace)] == [bad.pk]
    assert look_ahead(at=NOW) == 0


def test_a_period_that_is_over_is_met_or_missed_and_one_to_come_not_begun(company: Cast) -> None:
    weeks(company)
    over = {"starts_on": MONDAY.date() - 12 * DAY, "ends_on": MONDAY.date() - 2 * DAY}
    met, missed = kpi(company, "conversations", 10, **over), kpi(company, "conversations", 90, **over)
    ahead = kpi(company, "conversations", 10, starts_on=MONDAY.date() + 20 * DAY)
    statuses = [keep_outlook(one, at=NOW).status for one in (met, missed, ahead)]
    assert statuses == [Status.MET, Status.MISSED, Status.NOT_BEGUN]


def test_a_change_of_status_is_one_event_and_keeps_its_day(company: Cast) -> None:
    weeks(company)
    one = kpi(company, "conversations", 50)
    first = keep_outlook(one, at=NOW)
    again = keep_outlook(one, at=NOW + ANEW_AFTER)
    assert again.status_since == first.status_since
    KPI.objects.filter(pk=one.pk).update(target=5_000)
    keep_outlook(KPI.objects.get(pk=one.pk), at=NOW + 2 * ANEW_AFTER)
    told = [event.facts["to"] for event in Event.objects.filter(verb="kpi.status_changed").order_by("at")]
    assert told == ["on_track", "off_track"]


def test_a_metric_that_is_gone_says_nothing(company: Cast) -> None:
    weeks(company)
    assert keep_outlook(kpi(company, "never_heard_of", 1), at=NOW).status == Status.TOO_EARLY


def test_gaps_are_named(company: Cast) -> None:
    weeks(company)
    dates = {"starts_on": MONDAY.date(), "ends_on": MONDAY.date() + 30 * DAY, "workspace": company.workspace}
    goal = Goal.objects.create(name="Hire", purpose=Purpose.HIRE, owner=company.cho, **dates)
    loose = kpi(company, "conversations", 1)
    project = Initiative.objects.create(name="Giveaway", **dates)
    branches = tree(company.workspace)
    found = {(one.kind, one.subject.pk) for one in gaps(company.workspace, branches, at=NOW)}
    assert found == {
        ("goal_without_kpi", goal.pk), ("kpi_without_goal", loose.pk), ("initiative_without_goal", project.pk),
        ("initiative_without_objective", project.pk), ("without_owner", project.pk),
        ("unplanned", company.objectives["care"].pk),
    }  # fmt: skip


def test_an_ended_goal_leaves_what_hung_on_it(company: Cast) -> None:
    dates = {"starts_on": MONDAY.date(), "ends_on": MONDAY.date() + 30 * DAY}
    goal = plan(
        Goal(workspace=company.workspace),
        told={"name": "Keep", "purpose": Purpose.KEEP, **dates},
        by=company.cho,
        at=NOW,
    )
    hung = kpi(company, "conversations", 1, goal=goal)
    end(goal, by=company.cho, at=NOW)
    end(goal, by=company.cho, at=NOW)
    hung.refresh_from_db()
    assert hung.goal is None
    assert Event.objects.filter(verb="goal.ended").count() == 1


def test_who_may_not_plan_and_what_no_figure_answers(company: Cast) -> None:
    told = {
        "name": "x", "metric": "conversations", "target": 1.0, "wants": Wants.AT_LEAST, "is_slow_end": True,
        "starts_on": MONDAY.date(), "ends_on": MONDAY.date() + dt.timedelta(days=3),
    }  # fmt: skip
    with pytest.raises(NotAllowedError):
        plan(KPI(workspace=company.workspace), told=told, by=company.lea, at=NOW)
    with pytest.raises(PlanRefusedError, match="no duration"):
        plan(KPI(workspace=company.workspace), told=told, by=company.cho, at=NOW)
    with pytest.raises(PlanRefusedError, match="no metric"):
        plan(KPI(workspace=company.workspace), told=told | {"metric": "luck"}, by=company.cho, at=NOW)
