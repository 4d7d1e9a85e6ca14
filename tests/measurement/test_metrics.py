"""Each metric against the example in its file, worked by hand."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from choir.administration.staff import change_person
from choir.conversions.links import address_of
from choir.conversions.models import Click, Conversion, ConversionKind, TrackedLink
from choir.governance.hub import name_hub
from choir.inbox.models import ClockKind, Message
from choir.knowledge.models import Answer, Macro
from choir.knowledge.reusing import reused_in, take
from choir.listening.matching import forget
from choir.measurement.figures import Figure, by_day, figure, rows, split
from choir.measurement.metrics import catalogue
from choir.measurement.question import Period, Question, question
from choir.measurement.tally import tally, tally_all
from choir.outbound.models import Approval, Engagement
from choir.people.models import Person
from choir.routing.models import Hours
from tests.cast import Cast, cast
from tests.conversing import customer, says
from tests.measurement.happening import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    NOW,
    answered,
    begun,
    engaged,
    found_by,
    handed,
    happened,
    measured,
    promised,
    reopened,
    resolved,
    spiked,
)

pytestmark = pytest.mark.django_db

UTC = ZoneInfo("UTC")


@pytest.fixture
def company() -> Cast:
    return cast()


def week(company: Cast, *, hours: Hours = Hours.CALENDAR, **narrowed: str) -> Question:
    """Monday to Friday noon, as the champion sees it."""
    period = Period.days_to(NOW, UTC, 5)
    return question(company.cho, company.workspace, period, hours=hours, narrowed=narrowed)


def value(company: Cast, slug: str) -> float | None:
    measured(company)
    return figure(catalogue()[slug], week(company)).value


def test_conversations_and_messages_received(company: Cast) -> None:
    for _ in range(2):
        begun(company, MONDAY)
    third = begun(company, MONDAY + HOUR)
    says(company, third, "Hello?", at=MONDAY + 2 * HOUR, identity=customer(company))
    assert value(company, "conversations") == 3
    assert value(company, "mentions") == 4


def test_first_response_median_and_ninetieth_percentile(company: Cast) -> None:
    for minutes in (10, 20, 60):
        answered(company, begun(company, MONDAY), MONDAY + minutes * MINUTE)
    begun(company, MONDAY)  # not answered: not in it
    measured(company)
    assert figure(catalogue()["first_response"], week(company)) == Figure(20 * 60, 3, 52 * 60)


def test_first_response_in_business_hours_of_the_team_that_answered(company: Cast) -> None:
    friday = MONDAY - 3 * DAY + 8.5 * HOUR
    assert friday.strftime("%a %H:%M") == "Fri 17:30"
    answered(company, begun(company, friday), MONDAY - HOUR + 30 * MINUTE)
    measured(company)
    metric = catalogue()["first_response"]
    assert figure(metric, week(company, hours=Hours.CALENDAR)).value == 63 * 3600
    assert figure(metric, week(company, hours=Hours.BUSINESS)).value == 3600


def test_the_department_that_answered_has_the_first_response(company: Cast) -> None:
    one = begun(company, MONDAY)
    answered(company, one, MONDAY + HOUR)
    handed(company, one, "legal", MONDAY + 2 * HOUR)
    measured(company)
    shares = split(catalogue()["first_response"], week(company), "department")
    assert list(shares) == [company.departments["customer_service"].pk]


def test_resolution_median_and_ninetieth_percentile(company: Cast) -> None:
    for hours in (1, 3, 11):
        resolved(company, begun(company, MONDAY), MONDAY + hours * HOUR)
    measured(company)
    found = figure(catalogue()["resolution"], week(company))
    assert found.value == 3 * 3600
    assert found.p90 == pytest.approx(9.4 * 3600)


def test_a_late_thanks_makes_no_resolution_longer(company: Cast) -> None:
    one = begun(company, MONDAY)
    resolved(company, one, MONDAY + HOUR)
    happened(company, one, "resolved", MONDAY + 30 * HOUR)  # what routing records when “thanks” needs no reply
    assert value(company, "resolution") == 3600


def test_backlog_at_the_end_of_each_day(company: Cast) -> None:
    first = begun(company, MONDAY)
    resolved(company, first, MONDAY + DAY + HOUR)
    begun(company, MONDAY + DAY + 2 * HOUR)
    measured(company)
    days = by_day(catalogue()["backlog"], week(company))
    assert [int(one.value or 0) for one in days.values()] == [1, 1, 1, 1, 1]
    assert figure(catalogue()["backlog"], week(company)).value == 1
    third = begun(company, MONDAY + DAY)
    measured(company)
    assert [int(one.value or 0) for one in by_day(catalogue()["backlog"], week(company)).values()] == [1, 2, 2, 2, 2]
    resolved(company, third, NOW - HOUR)
    measured(company)
    assert [int(one.value or 0) for one in by_day(catalogue()["backlog"], week(company)).values()] == [1, 2, 2, 2, 1]


def test_backlog_moves_with_a_hand_over(company: Cast) -> None:
    one = begun(company, MONDAY)
    handed(company, one, "legal", MONDAY + DAY)
    legal = str(company.departments["legal"].pk)
    measured(company)
    days = by_day(catalogue()["backlog"], week(company, department=legal))
    assert [one.value or 0 for one in days.values()] == [0, 1, 1, 1, 1]


def test_first_responses_in_time(company: Cast) -> None:
    for _ in range(3):
        promised(company, begun(company, MONDAY), due=MONDAY + HOUR, kept=MONDAY + 30 * MINUTE)
    promised(company, begun(company, MONDAY), due=MONDAY + 6 * HOUR, kept=None)  # ran out, unanswered
    promised(company, begun(company, MONDAY), due=NOW + HOUR, kept=None)  # still runs
    assert value(company, "sla_attainment") == 0.75


def test_resolutions_in_time(company: Cast) -> None:
    promised(company, begun(company, MONDAY), due=MONDAY + HOUR, kept=MONDAY, kind=ClockKind.RESOLUTION)
    promised(company, begun(company, MONDAY), due=MONDAY + HOUR, kept=MONDAY + 2 * HOUR, kind=ClockKind.RESOLUTION)
    assert value(company, "resolutions_in_time") == 0.5


def test_hand_overs_and_their_rate(company: Cast) -> None:
    one, *_ = [begun(company, MONDAY, department="marketing") for _ in range(4)]
    begun(company, MONDAY, needs_reply=False)
    handed(company, one, "customer_service", MONDAY + HOUR)
    handed(company, one, "legal", MONDAY + 2 * HOUR)
    assert value(company, "handovers") == 2
    assert value(company, "handover_rate") == 0.25


def test_response_rate_leaves_out_what_needed_no_reply(company: Cast) -> None:
    for _ in range(3):
        answered(company, begun(company, MONDAY), MONDAY + HOUR)
    begun(company, MONDAY)
    begun(company, MONDAY, needs_reply=False)
    assert value(company, "response_rate") == 0.75


def test_reopen_rate(company: Cast) -> None:
    for _ in range(3):
        resolved(company, begun(company, MONDAY), MONDAY + HOUR)
    again = begun(company, MONDAY)
    resolved(company, again, MONDAY + HOUR)
    reopened(company, again, MONDAY + 2 * HOUR)
    assert value(company, "reopen_rate") == 0.25


def test_one_touch(company: Cast) -> None:
    conversations = [begun(company, MONDAY) for _ in range(5)]
    for one in conversations[:4]:
        answered(company, one, MONDAY + HOUR)
    answered(company, conversations[0], MONDAY + 2 * HOUR)
    for one in conversations:
        resolved(company, one, MONDAY + 3 * HOUR)
    assert value(company, "one_touch") == 0.75


def test_net_sentiment(company: Cast) -> None:
    for mood in ["positive"] * 5 + ["negative"] * 2 + ["neutral"] * 3:
        begun(company, MONDAY, sentiment=mood)
    assert value(company, "sentiment") == pytest.approx(0.3)


def test_days_are_those_of_the_zone(company: Cast) -> None:
    begun(company, dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC))
    measured(company)
    tokyo = question(company.cho, company.workspace, Period.days_to(NOW, ZoneInfo("Asia/Tokyo"), 5))
    days = by_day(catalogue()["conversations"], tokyo)
    assert [day.day for day, one in days.items() if one.value] == [4]


def test_positive_and_negative_mood(company: Cast) -> None:
    for mood in ["positive"] * 5 + ["negative"] * 2 + ["neutral"] * 3:
        begun(company, MONDAY, sentiment=mood)
    assert value(company, "positive") == 0.5
    assert value(company, "negative") == pytest.approx(0.2)


def test_share_answered_by_each_department(company: Cast) -> None:
    for department, count in (("customer_service", 6), ("operations", 3), ("legal", 1)):
        for _ in range(count):
            answered(company, begun(company, MONDAY, department=department), MONDAY + HOUR)
    assert value(company, "answered_by") == 1
    metric, legal = catalogue()["answered_by"], company.departments["legal"]
    shares = split(metric, week(company), "department")
    assert [round(one.value or 0, 2) for one in shares.values()] == [0.6, 0.3, 0.1]
    assert figure(metric, week(company, department=str(legal.pk))) == Figure(0.1, 1)


def test_approval_turnaround(company: Cast) -> None:
    for minutes, outcome in ((10, "approved"), (20, "declined"), (60, "approved"), (5, "withdrawn")):
        Approval.objects.create(
            workspace=company.workspace, conversation=begun(company, MONDAY), author=company.ana, text="It is coming.",
            seen_revision=1, approvers_count=1, asked_at=MONDAY, expires_at=MONDAY + DAY,
            closed_at=MONDAY + minutes * MINUTE, outcome=outcome,
        )  # fmt: skip
    measured(company)
    assert figure(catalogue()["approval_time"], week(company)) == Figure(20 * 60, 3, 52 * 60)


def test_enablement_is_what_is_answered_outside_the_hub(company: Cast) -> None:
    for department in ("customer_service", "customer_service", "operations", "legal"):
        answered(company, begun(company, MONDAY, department=department), MONDAY + HOUR)
    assert value(company, "enablement") == 0.5  # the hub is the sorting team's department
    tally(at=NOW)
    hub = [company.teams["operations"], company.teams["legal"]]
    name_hub(company.workspace, teams=hub, by=company.cho, at=NOW)
    assert figure(catalogue()["enablement"], week(company)).value == 0.5
    name_hub(company.workspace, teams=hub[:1], by=company.cho, at=NOW)
    assert figure(catalogue()["enablement"], week(company)).value == 0.75


def test_knowledge_reuse_counts_answers_with_something_known_in_them(company: Cast) -> None:
    conversations = [begun(company, MONDAY) for _ in range(4)]
    known = Answer.objects.create(
        organisation=company.organisation, title="Late", text="Soon.", department=company.departments["operations"]
    )
    macro = Macro.objects.create(organisation=company.organisation, name="Sorry", text="We are sorry.")
    for number, one in enumerate(conversations):
        if number < 2:
            taken = {"answer": known} if number else {"macro": macro}
            take(one, by=company.ana, at=MONDAY, **taken)
        said = answered(company, one, MONDAY + HOUR)
        said.person = company.ana
        said.save()
        reused_in(said)
    take(conversations[3], answer=known, by=company.ana, at=MONDAY)  # and never sent
    assert value(company, "knowledge_reuse") == 0.5
    assert value(company, "answers") == 4


def test_handle_time_is_of_answers_with_recorded_work(company: Cast) -> None:
    for minutes in (2, 3, 10, None):
        message = answered(company, begun(company, MONDAY), MONDAY + HOUR)
        message.handling_seconds = minutes * 60 if minutes else None
        message.save()
    measured(company)
    found = figure(catalogue()["handle_time"], week(company))
    assert (found.value, found.n) == (180, 3)
    assert found.p90 == pytest.approx(516)


def test_reach_and_engagement_with_the_denominator_in_their_names(company: Cast) -> None:
    told = ({"views": 900, "likes": 27}, {"views": 100, "likes": 8, "reposts": 5}, {"likes": 3, "replies": 2})
    for counts in told:
        message = answered(company, begun(company, MONDAY), MONDAY + HOUR)
        engaged(company, message, at=MONDAY + 2 * HOUR, **counts)
    silent = answered(company, begun(company, MONDAY), MONDAY + HOUR)
    engaged(company, silent, at=MONDAY + 2 * HOUR)
    Engagement.objects.filter(message=silent).update(measured_at=None)
    measured(company)
    found = {slug: figure(catalogue()[slug], week(company)) for slug in ("reach", "engagement", "engagement_rate")}
    assert found == {"reach": Figure(1000, 2), "engagement": Figure(45, 3), "engagement_rate": Figure(0.04, 2)}
    assert figure(catalogue()["engagement_per_message"], week(company)) == Figure(15, 3)
    channels = split(catalogue()["engagement_rate"], week(company), "channel")
    assert [one.value for one in channels.values()] == [0.04]


def test_share_of_voice_is_our_part_of_what_all_groups_were_named(company: Cast) -> None:
    metric = catalogue()["share_of_voice"]
    rival = [found_by(company, begun(company, MONDAY), group="Rival") for _ in range(5)]
    assert figure(metric, week(company)) == Figure(None, 0)  # nobody has said who we are
    for group, count in (("Us", 3), ("Another", 2), ("", 4)):
        for _ in range(count):
            found_by(company, begun(company, MONDAY, department="legal"), group=group, is_ours=group == "Us")
    measured(company)
    assert figure(metric, week(company)) == Figure(0.3, 10)
    assert figure(metric, week(company, channel=str(company.channel.pk))) == Figure(0.3, 10)
    assert figure(metric, week(company, language="de")) == Figure(None, 0)
    forget(company.workspace.pk, [rival[0].mention_id])  # its author took it back
    assert figure(metric, week(company)).n == 9


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
def test_a_voice_is_heard_up_to_the_minute_wherever_days_begin(company: Cast, zone: str) -> None:
    metric, end = catalogue()["share_of_voice"], MONDAY + 20 * MINUTE
    for number in range(12):  # the hour before, this one before its end, this one after it
        found_by(company, begun(company, MONDAY + (number - 6) * 10 * MINUTE), group="Us", is_ours=True)
    asked = replace(week(company), period=Period.days_to(end, ZoneInfo(zone), 2))
    assert figure(metric, asked) == Figure(1, 8)
    assert rows(metric, asked).count() == sum(one.n for one in by_day(metric, asked).values()) == 8


def test_what_was_only_overheard_has_a_voice_and_nothing_that_is_said_a_department(company: Cast) -> None:
    metric = catalogue()["share_of_voice"]
    for group in ("Us", "Rival"):
        found_by(company, begun(company, MONDAY), group=group, is_ours=group == "Us")
    Message.objects.filter(mention__matches__query__name="Rival").delete()
    shares = split(metric, week(company), "department")
    assert {key: (one.value, one.n) for key, one in shares.items()} == {None: (0.5, 2)}
    own = replace(week(company), departments=frozenset({company.departments["legal"].pk}))
    assert figure(metric, own) == Figure(None, 0)


def test_spikes_count_on_the_day_they_began(company: Cast) -> None:
    query = found_by(company, begun(company, MONDAY), group="Us").query
    spiked(company, query, MONDAY)
    spiked(company, query, MONDAY + 2 * DAY, department="legal", topic="delivery")
    measured(company)
    metric = catalogue()["spikes"]
    assert [int(one.value or 0) for one in by_day(metric, week(company)).values()] == [1, 0, 1, 0, 0]
    legal = company.departments["legal"].pk
    assert split(metric, week(company), "department")[legal] == Figure(1, 1)
    assert figure(metric, week(company, department=str(legal))) == Figure(1, 1)


def test_cost_is_recorded_work_at_what_an_hour_costs(company: Cast) -> None:
    Person.objects.filter(pk=company.ana.pk).update(hourly_cost=30)
    for minutes, person in ((3, company.ana), (10, company.ana), (6, company.ben), (None, company.ana)):
        message = answered(company, begun(company, MONDAY), MONDAY + HOUR)
        message.handling_seconds, message.person = minutes * 60 if minutes else None, person
        message.save()
    measured(company)
    assert figure(catalogue()["cost"], week(company)) == Figure(6.5, 2)
    tally_all(company.workspace, at=NOW)
    change_person(company.ana, name="Ana", title="", time_zone="UTC", hourly_cost=Decimal(60), by=company.ada, at=NOW)
    assert figure(catalogue()["cost"], week(company)) == Figure(13, 2)


def test_a_conversation_is_of_the_campaign_whose_link_was_given_in_it(company: Cast) -> None:
    spring, autumn, plain = (
        TrackedLink.objects.create(
            workspace=company.workspace, code=code, name=code, target="https://shop.example", campaign=campaign
        )
        for code, campaign in (("a1", "spring"), ("b2", "autumn"), ("c3", ""))
    )
    said, clicked, neither, _ = (begun(company, MONDAY) for _ in range(4))
    answered(company, said, MONDAY + HOUR, f"{address_of(plain, said)} and {address_of(spring, said)}")
    answered(company, said, MONDAY + 2 * HOUR, address_of(autumn, said))
    answered(company, neither, MONDAY + HOUR, address_of(plain, neither))
    click = Click(workspace=company.workspace, link=autumn, visitor="v", conversation=clicked, at=MONDAY + HOUR)
    click.save()
    measured(company)
    found = split(catalogue()["conversations"], week(company), "campaign")
    assert {key: one.n for key, one in found.items()} == {"spring": 1, "autumn": 1, None: 2}
    assert figure(catalogue()["answers"], week(company, campaign="spring")).n == 2
    assert figure(catalogue()["backlog"], week(company, campaign="none")).n == 2
    assert {key: one.n for key, one in split(catalogue()["clicks"], week(company), "campaign").items()} == {"autumn": 1}


def test_clicks_and_conversions_hang_on_the_conversation_that_led_there(company: Cast) -> None:
    ours, other = (begun(company, MONDAY) for _ in range(2))
    link = TrackedLink.objects.create(workspace=company.workspace, code="x", name="Shop", target="https://shop.example")
    for visitor, one in (("a", ours), ("b", other), ("c", None)):
        Click.objects.create(
            workspace=company.workspace, link=link, visitor=visitor, conversation=one, at=MONDAY + HOUR
        )
    kind = ConversionKind.objects.create(workspace=company.workspace, slug="order", name="Order")
    for number, (one, back) in enumerate(((ours, None), (other, None), (None, None), (ours, NOW))):
        Conversion.objects.create(
            workspace=company.workspace, kind=kind, external_id=str(number), at=MONDAY + HOUR, conversation=one,
            recorded_at=NOW, taken_back_at=back,
        )  # fmt: skip
    assert value(company, "clicks") == 2
    assert value(company, "conversions") == 2
