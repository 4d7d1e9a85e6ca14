"""Clocks that run while hours or promises change: what was spent stays spent, what is left counts by the new rules."""

import datetime as dt

import pytest

from choir.administration.promises import Terms, change_promise, withdraw_promise
from choir.administration.staff import set_active
from choir.administration.teams import set_hours
from choir.events.models import Event
from choir.inbox.models import Clock, ClockKind, Conversation
from choir.people.access import NotAllowedError
from choir.routing.hours import Opening
from choir.routing.models import Hours, SLAPolicy
from tests.cast import NOON, Cast, cast
from tests.conversing import opened

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def company() -> Cast:
    return cast()


def running(company: Cast, *, since: dt.datetime = NOON) -> tuple[Conversation, Clock]:
    """An open conversation of customer service (which works 8 to 18) whose first response is due in four hours."""
    conversation = opened(company)
    clock = Clock.objects.create(
        workspace=company.workspace, conversation=conversation, kind=ClockKind.FIRST_RESPONSE,
        policy=SLAPolicy.objects.get(name="Everything"), team=company.teams["customer_service"],
        allowed_seconds=4 * 3600, hours=Hours.BUSINESS, started_at=since, counted_from=since, due_at=since + 4 * HOUR,
    )  # fmt: skip
    conversation.due_at = clock.due_at
    conversation.save()
    return conversation, clock


def terms(**changed: object) -> Terms:
    """What everything is promised, changed."""
    return Terms(**{"name": "Everything", "first_response_seconds": 4 * 3600, **changed})  # type: ignore[arg-type]


def test_a_team_that_closes_earlier_keeps_the_hour_already_spent(company: Cast) -> None:
    conversation, clock = running(company)
    until_two = [Opening(day, dt.time(8), dt.time(14)) for day in range(5)]
    set_hours(
        company.teams["customer_service"], time_zone="UTC", openings=until_two, holidays=[], by=company.lea,
        at=NOON + HOUR,
    )  # fmt: skip
    clock.refresh_from_db()
    conversation.refresh_from_db()
    assert clock.spent_seconds == 3600
    # Three hours are left: one today until two o'clock, two tomorrow from eight.
    assert clock.due_at == conversation.due_at == dt.datetime(2026, 3, 5, 10, tzinfo=dt.UTC)


def test_a_holiday_today_moves_what_is_left_to_tomorrow(company: Cast) -> None:
    _, clock = running(company)
    days = [Opening(day, dt.time(8), dt.time(18)) for day in range(5)]
    set_hours(
        company.teams["customer_service"], time_zone="UTC", openings=days, holidays=[(NOON.date(), "Outage")],
        by=company.ada, at=NOON + HOUR,
    )  # fmt: skip
    clock.refresh_from_db()
    assert clock.due_at == dt.datetime(2026, 3, 5, 11, tzinfo=dt.UTC)


def test_a_shorter_promise_counts_what_was_spent(company: Cast) -> None:
    conversation, clock = running(company)
    policy = SLAPolicy.objects.get(name="Everything")
    change_promise(policy, terms(first_response_seconds=2 * 3600), by=company.cho, at=NOON + HOUR)
    clock.refresh_from_db()
    conversation.refresh_from_db()
    assert (clock.spent_seconds, clock.allowed_seconds) == (3600, 7200)
    assert clock.due_at == conversation.due_at == NOON + 2 * HOUR


def test_a_promise_of_all_hours_runs_through_the_night(company: Cast) -> None:
    _, clock = running(company, since=NOON + 5 * HOUR)  # 17:00, an hour before they close
    policy = SLAPolicy.objects.get(name="Everything")
    change_promise(policy, terms(hours=Hours.CALENDAR), by=company.ada, at=NOON + 7 * HOUR)
    clock.refresh_from_db()
    assert clock.spent_seconds == 3600  # from five to six; then nobody worked
    assert clock.due_at == NOON + 10 * HOUR


def test_a_promise_withdrawn_is_kept_to_whom_it_was_made(company: Cast) -> None:
    _, clock = running(company)
    withdraw_promise(SLAPolicy.objects.get(name="Everything"), by=company.cho, at=NOON + HOUR)
    clock.refresh_from_db()
    assert (clock.policy, clock.due_at) == (None, NOON + 4 * HOUR)


def test_a_lead_promises_nothing(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        change_promise(SLAPolicy.objects.get(name="Everything"), terms(), by=company.lea, at=NOON)


def test_what_somebody_had_goes_back_to_the_team_when_they_leave(company: Cast) -> None:
    conversation = opened(company, assignee=company.ana)
    set_active(company.ana, is_active=False, by=company.ada, at=NOON)
    conversation.refresh_from_db()
    assert conversation.assignee is None
    assert conversation.team == company.teams["customer_service"]
    said = Event.objects.about("conversation", conversation.pk).latest("id")
    assert said.because == "Ana no longer works here."
