"""Where customers are: by rule from what they say and do, put right by people, and adding up to the person list."""

import datetime as dt
import re
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from choir.conversions.models import Conversion, ConversionKind
from choir.customers.models import Customer
from choir.inbox.models import Conversation
from choir.journey.cohorts import cohorts, known_in
from choir.journey.following import correct_stage, follow, rebuild
from choir.journey.meetings import begun, examples, met
from choir.journey.models import Journey, Move, Panorama, Shows
from choir.journey.panorama import (
    cells_of,
    cohorts_of,
    draw,
    flow_of,
    listed,
    met_of,
    panorama_of,
    period_of,
    redraw,
)
from choir.journey.queries import GONE, NEW, UNTOLD, flow, placed
from choir.journey.stages import Sign, moves_of
from choir.measurement.question import Period
from choir.people.access import NotAllowedError
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, customer, read_as

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
NOW = NOON + 40 * DAY
MONTH = Period.days_to(NOW, ZoneInfo("UTC"), 28)


def said(stage: str, sure: float, hours: int) -> Sign:
    return Sign(NOON + hours * HOUR, stage, Shows.SAID, sure)


def test_one_doubtful_reading_moves_nobody_two_that_agree_do() -> None:
    first, doubt, back = said("awareness", 0.9, 0), said("support", 0.4, 1), said("awareness", 0.9, 2)
    assert moves_of([first, doubt, back]) == [first]
    again = said("support", 0.5, 3)
    assert moves_of([first, doubt, again]) == [first, again]
    assert moves_of([first, doubt, back, again]) == [first]


def test_what_they_do_and_what_people_know_always_moves_them() -> None:
    first, bought = said("consideration", 0.9, 0), Sign(NOON + HOUR, "purchase", Shows.DID)
    right = Sign(NOON + 2 * HOUR, "advocacy", Shows.PERSON)
    assert moves_of([right, bought, first]) == [first, bought, right]


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def spoke(
    company: Cast, stage: str, at: dt.datetime, *, sure: float = 0.9, who: Customer | None = None
) -> Conversation:
    identity = who.identities.get() if who else customer(company)
    one = arrived(company, "Hello", at=at, identity=identity)
    reading = read_as(company, one.messages.get())
    Reading.objects.filter(pk=reading.pk).update(stage=stage, confidences={"stage": sure}, topic="delivery")
    if who is None:
        Customer.objects.filter(pk=identity.customer_id).update(created_at=at)
    one.reading, one.sentiment = reading, "negative"
    one.save()
    return one


def all_followed() -> None:
    while follow(at=dt.datetime.now(dt.UTC)):
        pass


def test_customers_are_followed_and_followed_again_when_they_speak_up(company: Cast) -> None:
    one = spoke(company, "consideration", NOON)
    all_followed()
    who = one.customer
    who.refresh_from_db()
    assert who.stage == "consideration"
    assert follow(at=dt.datetime.now(dt.UTC)) == 0
    spoke(company, "support", NOON + DAY, who=who)
    kind = ConversionKind.objects.create(workspace=company.workspace, slug="order", name="Order", stage="purchase")
    Conversion.objects.create(
        workspace=company.workspace, kind=kind, external_id="1", at=NOON + HOUR, customer=who,
        recorded_at=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    all_followed()
    moves = list(Move.objects.filter(customer=who).order_by("at").values_list("from_stage", "stage", "shown_by"))
    assert moves == [
        ("", "consideration", "said"), ("consideration", "purchase", "did"), ("purchase", "support", "said"),
    ]  # fmt: skip
    before = list(Move.objects.order_by("at").values_list("customer", "stage", "at", "ended_at"))
    rebuild(company.workspace, at=NOW)
    assert list(Move.objects.order_by("at").values_list("customer", "stage", "at", "ended_at")) == before


def test_a_person_puts_it_right_and_only_whoever_may(company: Cast) -> None:
    one = spoke(company, "awareness", NOON)
    all_followed()
    correct_stage(one.customer, stage="advocacy", because="She runs the fan club.", by=company.ana, at=NOON + DAY)
    all_followed()
    rebuild(company.workspace, at=NOW)
    assert Journey.objects.get(customer=one.customer).stage == "advocacy"
    with pytest.raises(NotAllowedError):
        correct_stage(one.customer, stage="support", because="x", by=company.ada, at=NOON)


def test_a_correction_has_the_panoramas_drawn_anew_behind_the_one_that_is_shown(company: Cast) -> None:
    one = spoke(company, "awareness", NOON)
    all_followed()
    Panorama.objects.all().delete()
    while redraw(at=NOW):
        pass
    correct_stage(one.customer, stage="advocacy", because="A fan.", by=company.ana, at=NOW + MINUTE)
    assert panorama_of(company.workspace, 28, at=NOW + MINUTE).at == NOW
    assert [redraw(at=NOW + 2 * MINUTE) for _ in range(4)] == [1, 1, 1, 0]
    assert cells_of(panorama_of(company.workspace, 28, at=NOW + 2 * MINUTE), end="advocacy")


def test_the_flow_adds_up_to_the_person_list(company: Cast) -> None:
    """Six people: stayed, moved, came, told nothing, went quiet within the period, gone before it."""
    start = MONTH.start
    stayed, moved = (spoke(company, "consideration", start - 5 * DAY) for _ in range(2))
    spoke(company, "consideration", NOW - 2 * DAY, who=stayed.customer)
    spoke(company, "support", NOW - 2 * DAY, who=moved.customer)
    spoke(company, "awareness", NOW - DAY)
    spoke(company, "", NOW - DAY)
    quiet = spoke(company, "support", start - 20 * DAY)
    gone = spoke(company, "advocacy", start - 100 * DAY)
    all_followed()
    found = flow(company.workspace, MONTH)
    assert found.cells == {
        ("consideration", "consideration"): 1, ("consideration", "support"): 1, (NEW, "awareness"): 1,
        (NEW, UNTOLD): 1, ("support", GONE): 1, (GONE, GONE): 1,
    }  # fmt: skip
    assert found.total == Customer.objects.filter(workspace=company.workspace).count() == 6
    everybody = placed(company.workspace, MONTH)
    for (began, ended), n in found.cells.items():
        assert everybody.filter(began=began, ended=ended).count() == n
    assert found.left == {"support": 1}
    assert {quiet.customer_id, gone.customer_id} == set(everybody.filter(ended=GONE).values_list("pk", flat=True))
    assert_cohorts_are_their_people(company, everybody=6)
    stages = met(company.workspace, MONTH)
    assert sum(one.conversations for one in stages) == Conversation.objects.filter(first_inbound_at__gte=start).count()
    in_support = next(one for one in stages if one.stage == "support")
    assert (in_support.voices[0].topic, in_support.voices[0].negative) == ("delivery", in_support.conversations)
    read = examples(begun(company.workspace, MONTH), stages)
    assert read["support", "delivery"].stage_then == "support"

    drawn = draw(company.workspace, 28, at=NOW)
    assert_a_panorama_is_what_it_was_drawn_from(company, drawn, period_of(drawn, company.workspace))


def assert_a_panorama_is_what_it_was_drawn_from(company: Cast, drawn: Panorama, period: Period) -> None:
    counted = flow(company.workspace, period)
    assert flow_of(drawn) == counted
    assert met_of(drawn) == met(company.workspace, period)
    assert cohorts_of(drawn) == cohorts(company.workspace, at=period.end, zone=period.zone)
    everybody = listed(cells_of(drawn))
    assert [one.customer for one in everybody] == list(
        placed(company.workspace, period).order_by("name", "pk").values_list("pk", flat=True)
    )
    for (began, ended), n in counted.cells.items():
        cell = cells_of(drawn, start=began, end=ended)
        expected = placed(company.workspace, period).filter(began=began, ended=ended)
        assert {one.customer for one in listed(cell)} == set(expected.values_list("pk", flat=True))
        assert sum(one.count for one in cell) == n
    assert sum(one.count for one in cells_of(drawn, left="support")) == counted.left["support"]
    assert listed(cells_of(drawn), after=2, most=2) == everybody[3:5]


def assert_cohorts_are_their_people(company: Cast, *, everybody: int) -> None:
    of = partial(known_in, company.workspace, zone=ZoneInfo("UTC"), at=NOW)
    found = cohorts(company.workspace, zone=ZoneInfo("UTC"), at=NOW)
    assert sum(one.total for one in found) == everybody
    for one in found:
        assert of(one.month.date()).count() == one.total
        assert of(one.month.date(), lately=True).count() == one.heard
        for stage, n in one.reached.items():
            assert of(one.month.date(), reached=stage).count() == n


def test_the_page_shows_it_and_every_count_opens(company: Cast) -> None:
    says_it = spoke(company, "support", dt.datetime.now(dt.UTC) - DAY)
    all_followed()
    browser = Client()
    browser.force_login(company.cho)
    page = browser.get("/w/acme/customers/journey/").content.decode()
    assert "everybody is in exactly one cell" in page
    people = browser.get("/w/acme/customers/journey/people/?end=support").content.decode()
    assert str(says_it.customer) in people
    drawn = browser.get("/w/acme/customers/journey/flow.svg").content.decode()
    assert drawn.startswith("<svg")
    assert set(re.findall(r'xlink:href="([^"?]+)', drawn)) == {"/w/acme/customers/journey/people/"}
    assert "style=" not in drawn
    for form in ("csv", "json", "parquet"):
        assert browser.get(f"/w/acme/customers/journey/people.{form}").status_code == 200
    shown = browser.get(f"/w/acme/customers/{says_it.customer_id}/").content.decode()
    assert "what they said reads so, 90" in shown
    sent = {"stage": "advocacy", "because": "Told us at the fair."}
    browser.post(f"/w/acme/customers/{says_it.customer_id}/stage", sent)
    assert "Told us at the fair." in browser.get(f"/w/acme/customers/{says_it.customer_id}/").content.decode()
