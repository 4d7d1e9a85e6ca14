"""The whole story through the pages: trouble, evidence, what if, pilot, decision, routing, KPI, review, value. The
clock is moved on; what would take weeks of answers is measured as if it had happened."""

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from choir.governance.enacting import enact
from choir.governance.jobs import convene
from choir.governance.models import Decision, Meeting
from choir.governance.reviewing import review
from choir.measurement.models import Course
from choir.pilots.looking import look_at
from choir.pilots.models import Draw, Pilot
from choir.strategy.models import KPI, Goal, Wants
from choir.strategy.outlook import look_ahead
from choir.web.templatetags.lengths import length_in_short
from tests.cast import NOON, Cast
from tests.governance.sitting import founded
from tests.web.storytelling import DAY, HOUR, QUICK, SLOW, Clock, Story, browser, counted, day_of, page, past, url


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    kept = Clock()
    monkeypatch.setattr(timezone, "now", lambda: kept.at)
    return kept


def test_the_whole_story(company: Cast, clock: Clock) -> None:
    story = Story(company, clock)
    kpi = care_goes_badly(story)
    before = the_kpi_stands_at(story, kpi, at=NOON)
    evidence_names_somebody_better_and_what_if_shows_what_it_would_do(story)
    pilot = a_pilot_is_begun_and_shares_out_what_comes(story)
    story.time_is(look_at(pilot, 1) + DAY)
    decision = the_committee_decides(story, pilot)
    routing_changes_on_the_date(story, pilot, decision)
    assert decision.review_on is not None
    reviewed_at = dt.datetime.combine(decision.review_on, dt.time(9), dt.UTC) + DAY
    after = the_kpi_stands_at(story, kpi, at=reviewed_at)
    assert after < before / 2
    the_review_reports_the_effect(story, decision)
    the_value_page_says_what_it_was_worth(story, kpi)


def care_goes_badly(story: Story) -> KPI:
    """Customer service owns care and is slow; operations had some of it and was quick; a KPI wants better."""
    company = story.company
    founded(company)
    past(company, "customer_service", hours=SLOW, count=28, since=28)
    past(company, "operations", hours=QUICK, count=24, since=28)
    past(company, "marketing", hours=3, count=14, since=14, objective="sales")
    counted(company, NOON)
    days = {"starts_on": NOON.date() - 40 * DAY, "ends_on": NOON.date() + 120 * DAY}
    goal = Goal.objects.create(workspace=company.workspace, name="Keep customers", purpose="keep", **days)
    goal.objectives.add(company.objectives["care"])
    return KPI.objects.create(
        workspace=company.workspace, goal=goal, name="Answers within two hours", metric="first_response",
        objective=company.objectives["care"], target=2 * HOUR, wants=Wants.AT_MOST, **days,
    )  # fmt: skip


def evidence_names_somebody_better_and_what_if_shows_what_it_would_do(story: Story) -> None:
    evidence = page(story.cho, "ownership_evidence", objective="care")
    assert "Operations would likely do better than Customer service" in evidence
    draft = page(story.cho, "ownership_what_if", "?change=care~~~~~~operations")
    assert story.figure("Would go elsewhere", draft) == "52"


def a_pilot_is_begun_and_shares_out_what_comes(story: Story) -> Pilot:
    designed = {
        "name": "Care by operations", "because": "They see the van.", "objective": "care", "candidate": "operations",
        "percent": 50, "days": 14, "metric": "first_response", "worth_percent": 30, "also": ["resolution"], "looks": 1,
    }  # fmt: skip
    browse = browser(story.cho)
    assert "conversations</strong>" in browse.post(url("ownership_new_pilot"), designed).content.decode()
    browse.post(url("ownership_new_pilot"), designed | {"begin": "1"})
    pilot = Pilot.objects.get()
    for number in range(7):  # every other day, for speed
        drawn = day_of(story.company, NOON + 2 * number * DAY + dt.timedelta(minutes=1), count=6)
    assert Draw.objects.count() == 42
    told = page(story.cho, "conversation", conversation=drawn[0].pk)
    assert url("ownership_pilot", pilot=pilot.pk) in told
    return pilot


def the_kpi_stands_at(story: Story, kpi: KPI, *, at: dt.datetime) -> float:
    """Its value then, in seconds, which its page shows as the figure of now."""
    story.time_is(at)
    look_ahead(at=at)
    kpi.refresh_from_db()
    value = kpi.outlook.value
    assert value is not None
    assert story.figure("Now", page(story.cho, "strategy_kpi", kpi=kpi.pk)) == length_in_short(value)
    return value


def the_committee_decides(story: Story, pilot: Pilot) -> Decision:
    """At its look the pilot's result stands on the agenda with a proposal; those who are there adopt it."""
    convene(at=story.clock.at)
    found = page(story.cho, "ownership_pilot", pilot=pilot.pk)
    assert "it was enough" in found
    assert "Waits for a decision" in found
    meeting = Meeting.objects.planned().filter(begins_at__gt=story.clock.at).order_by("begins_at")[0]
    item = meeting.items.get(kind="pilot")
    here: dict[str, Any] = {"number": meeting.number}
    story.clock.at = meeting.begins_at
    browser(story.cho).post(url("committee_opening", **here))
    for person, department in ((story.company.lea, "customer_service"), (story.company.ben, "operations")):
        browser(person).post(url("committee_presence", **here), {"department": department})
    today = story.clock.at.date()
    form = page(story.cho, "committee_deciding", **here, item=item.pk)
    assert 'value="adopt" selected' in form
    browser(story.cho).post(url("committee_deciding", **here, item=item.pk), {
        "kind": "pilot", "pilot": pilot.pk, "verdict": "adopt", "title": "Operations own care",
        "because": "They answered sooner by the pilot.", "effective_on": (today + 2 * DAY).isoformat(),
        "metric": "first_response", "review_on": (today + 19 * DAY).isoformat(),
    })  # fmt: skip
    return Decision.objects.get()


def routing_changes_on_the_date(story: Story, pilot: Pilot, decision: Decision) -> None:
    """Until then routing stays as it was; from then on operations has it, by the decision."""
    assert decision.review_on is not None
    assert enact(at=story.clock.at) == 0
    day = pilot.ends_at
    while day.date() < decision.review_on:
        is_in_force = day >= decision.effective_at
        if is_in_force and not hasattr(Decision.objects.get(), "enactment"):
            assert enact(at=decision.effective_at) == 1
        # Many once it is in force: however the pilot's coin fell, quick answers are more than slow ones by then.
        came = day_of(story.company, day, count=8 if is_in_force else 4)
        expected = "operations" if is_in_force else "customer_service"
        assert {one.department for one in came} == {story.company.departments[expected]}
        day += 2 * DAY
    told = page(story.cho, "conversation", conversation=came[0].pk)
    assert f"by decision {decision.number}" in re.sub(r"<[^>]+>", "", told)


def the_review_reports_the_effect(story: Story, decision: Decision) -> None:
    """With the interval that holds it, below nothing on both sides, near what was made to happen."""
    assert review(at=story.clock.at) == 1
    assert "In force, did good" in page(story.company.ana, "committee_decision", decision=decision.pk)
    effect = Decision.objects.get().review.effect
    shown = page(story.cho, "committee_decision", decision=decision.pk)
    behind = re.search(r'href="([^"]*first_response[^"]*)"><data[^<]+</data></a></td><td', shown)  # before, which opens
    assert behind is not None
    rows = browser(story.cho).get(behind[1].replace("&amp;", "&")).content.decode()
    assert story.figure("First response time", rows) == length_in_short(effect["before"])
    assert effect["low"] <= effect["effect"] <= effect["high"] < 0
    assert effect["effect"] == pytest.approx(QUICK / SLOW - 1, abs=0.15)


def the_value_page_says_what_it_was_worth(story: Story, kpi: KPI) -> None:
    """What is claimed rests on what somebody assumes: half of those settled would have called, at 8 a call."""
    assert kpi.goal is not None
    assert "nothing can be claimed yet" in page(story.cho, "value")
    for name, value in (("deflected", "50"), ("contact_cost", "8")):
        browser(story.cho).post(
            url("value_assumption", name=name) + f"?of={kpi.goal.pk}",
            {"low": value, "likely": value, "high": value, "because": "The telephone centre's books."},
        )
    settled = Course.objects.filter(objective=kpi.objective, answers_count=1, resolved_at__lt=story.clock.at).count()
    brought = story.figure("Brought", page(story.cho, "value"))
    assert re.sub(r"\D", "", brought) == str(settled * 4)
    assert "Keep customers" in page(story.cho, "value_goal", goal=kpi.goal.pk)
    rows = page(story.cho, "value_rows", f"?goal={kpi.goal.pk}", what="settled")
    assert rows.count("<tr") - 1 == min(settled, 50)
