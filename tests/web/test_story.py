"""The whole story through the pages: trouble, evidence, what if, pilot, decision, routing, KPI, review. The clock
is moved on; what would take weeks of answers is measured as if it had happened."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.flow.route import route
from choir.governance.enacting import enact
from choir.governance.jobs import convene
from choir.governance.models import Decision, Meeting
from choir.governance.reviewing import review
from choir.inbox.models import Assignment, Conversation
from choir.measurement.models import Course, Progress, Stretch
from choir.people.models import Person
from choir.pilots.looking import look_at
from choir.pilots.models import Draw, Pilot
from choir.strategy.models import KPI, Goal, Wants
from choir.strategy.outlook import look_ahead
from tests.cast import NOON, Cast
from tests.conversing import arrived, opened, read_as
from tests.governance.sitting import founded

DAY, HOUR = dt.timedelta(days=1), 3600
SLOW, QUICK = 9, 1  # hours to the first answer


class Clock:
    """What time it is, for the pages too."""

    at = NOON


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    kept = Clock()
    monkeypatch.setattr(timezone, "now", lambda: kept.at)
    return kept


def page(person: Person, name: str, query: str = "", **where: object) -> str:
    return browser(person).get(url(name, **where) + query).content.decode()


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, **where: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **where})


def measured(company: Cast, made: Conversation, *, hours: float) -> None:
    """It was answered after so many hours by the department that has it, and resolved."""
    began = made.first_inbound_at
    assert began is not None
    done = began + dt.timedelta(hours=hours)
    place = {"workspace": company.workspace, "channel": made.channel, "objective": made.objective, "language": "en"}
    Course.objects.create(
        **place, conversation=made, department=made.department, arrived_at=began, needed_reply=True, answers_count=1,
        answered_at=done, answering_department=made.department, answering_team=made.team,
        first_response_seconds=int(hours * HOUR), first_response_business_seconds=int(hours * HOUR),
        first_resolved_at=done, resolved_at=done, resolution_seconds=int(hours * HOUR),
        resolution_business_seconds=int(hours * HOUR), response_promise_at=began + dt.timedelta(hours=4),
        response_promise_is_met=hours <= 4, measured_at=done,
    )  # fmt: skip
    Stretch.objects.create(**place, conversation=made, department=made.department, began_at=began, ended_at=done)


def counted(company: Cast, at: dt.datetime) -> None:
    Progress.objects.update_or_create(workspace=company.workspace, defaults={"at": at})


def past(company: Cast, department: str, *, hours: float, count: int, since: int, objective: str = "care") -> None:
    """Conversations of the days before, a few each day, each answered after about so many hours."""
    cell = next(one for one in company.objectives[objective].ownership.all() if not one.topic)
    for number in range(count):
        made = opened(company, department=department, objective=objective, at=NOON - (since - number % since) * DAY)
        Assignment.objects.filter(conversation=made).update(ownership=cell)
        measured(company, made, hours=hours * (0.7 + 0.6 * (number % 7) / 6))


def day_of(company: Cast, at: dt.datetime, *, count: int = 4) -> list[Conversation]:
    """What comes on a day is routed, and answered as whoever has it does; those about care."""
    made = []
    for objective, n in (("care", count), ("sales", 1)):
        for _ in range(n):
            one = arrived(company, "Where is my parcel?", at=at)
            read_as(company, one.messages.get(), objective=objective)
            made.append(one)
    while route(at=at):
        pass
    for number, one in enumerate(made):
        one.refresh_from_db()
        is_quick = one.department == company.departments["operations"]
        hours = 3 if number >= count else QUICK if is_quick else SLOW
        measured(company, one, hours=hours * (0.8 + 0.1 * (number % 5)))
    return made[:count]


def test_the_whole_story(company: Cast, clock: Clock) -> None:
    founded(company)
    cho, care = company.cho, company.objectives["care"]
    past(company, "customer_service", hours=SLOW, count=28, since=28)
    past(company, "operations", hours=QUICK, count=24, since=28)
    past(company, "marketing", hours=3, count=14, since=14, objective="sales")
    counted(company, NOON)
    goal = Goal.objects.create(
        workspace=company.workspace, name="Keep customers", purpose="keep", starts_on=NOON.date() - 40 * DAY,
        ends_on=NOON.date() + 120 * DAY,
    )  # fmt: skip
    kpi = KPI.objects.create(
        workspace=company.workspace, goal=goal, name="Answers within two hours", metric="first_response",
        objective=care, target=2 * HOUR, wants=Wants.AT_MOST, starts_on=NOON.date() - 28 * DAY,
        ends_on=NOON.date() + 120 * DAY,
    )  # fmt: skip

    # Evidence shows that operations does it better; what if shows what giving it to them would do.
    evidence = page(cho, "ownership_evidence", objective="care")
    assert "Operations would likely do better than Customer service" in evidence
    draft = page(cho, "ownership_what_if", "?change=care~~~~~~operations")
    assert re.search(r"Would go elsewhere</span><span class=\"tile__figure\">52<", draft)

    # A pilot is begun, and shares out what comes.
    designed = {
        "name": "Care by operations", "because": "They see the van.", "objective": "care", "candidate": "operations",
        "percent": 50, "days": 14, "metric": "first_response", "worth_percent": 30, "also": ["resolution"], "looks": 1,
    }  # fmt: skip
    assert "conversations</strong>" in browser(cho).post(url("ownership_new_pilot"), designed).content.decode()
    browser(cho).post(url("ownership_new_pilot"), designed | {"begin": "1"})
    pilot = Pilot.objects.get()
    for number in range(7):  # every other day, for speed
        drawn = day_of(company, NOON + 2 * number * DAY + dt.timedelta(minutes=1), count=6)
    assert Draw.objects.count() == 42
    told = page(cho, "conversation", conversation=drawn[0].pk)
    assert url("ownership_pilot", pilot=pilot.pk) in told

    # At its look the result stands on the agenda, and the committee decides.
    clock.at = look_at(pilot, 1) + DAY
    counted(company, clock.at)
    convene(at=clock.at)
    found = page(cho, "ownership_pilot", pilot=pilot.pk)
    assert "it was enough" in found
    assert "Waits for a decision" in found
    meeting = Meeting.objects.planned().filter(begins_at__gt=clock.at).order_by("begins_at")[0]
    item = meeting.items.get(kind="pilot")
    here: dict[str, Any] = {"number": meeting.number}
    clock.at = meeting.begins_at
    browser(cho).post(url("committee_opening", **here))
    for person, department in ((company.lea, "customer_service"), (company.ben, "operations")):
        browser(person).post(url("committee_presence", **here), {"department": department})
    decided_on = clock.at.date()
    effective_on, review_on = decided_on + 2 * DAY, decided_on + 19 * DAY
    form = page(cho, "committee_deciding", **here, item=item.pk)
    assert 'value="adopt" selected' in form
    browser(cho).post(url("committee_deciding", **here, item=item.pk), {
        "kind": "pilot", "pilot": pilot.pk, "verdict": "adopt", "title": "Operations own care",
        "because": "They answered sooner by the pilot.", "effective_on": effective_on.isoformat(),
        "metric": "first_response", "review_on": review_on.isoformat(),
    })  # fmt: skip
    decision = Decision.objects.get()

    # Until its date routing stays as it was; from then on operations has it, by the decision.
    assert enact(at=clock.at) == 0
    day = pilot.ends_at
    while day.date() < review_on:
        if day >= decision.effective_at and not hasattr(Decision.objects.get(), "enactment"):
            assert enact(at=decision.effective_at) == 1
        came = day_of(company, day)
        expected = "operations" if day >= decision.effective_at else "customer_service"
        assert {one.department for one in came} == {company.departments[expected]}
        day += 2 * DAY
    assert f"by decision {decision.number}" in came[0].assignments.get().because

    # The KPI moves, and on its day the review says by how much.
    clock.at = dt.datetime.combine(review_on, dt.time(9), dt.UTC) + DAY
    counted(company, clock.at)
    look_ahead(at=clock.at)
    kpi.refresh_from_db()
    assert kpi.outlook.value is not None
    assert "Answers within two hours" in page(cho, "strategy_kpi", kpi=kpi.pk)
    assert review(at=clock.at) == 1
    told = page(company.ana, "committee_decision", decision=decision.pk)
    assert "In force, did good" in told
    effect = Decision.objects.get().review.effect
    assert effect["high"] < 0
    assert effect["effect"] == pytest.approx(QUICK / SLOW - 1, abs=0.15)
