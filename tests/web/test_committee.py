"""The committee's pages: from the founding to a decision that is in force, every step through them."""

import datetime as dt
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from choir.governance.enacting import enact
from choir.governance.models import ActionItem, AgendaItem, CalendarFeed, Committee, Decision, Meeting
from choir.people.models import Person, RoleGrant
from choir.people.policy import Role
from choir.routing.models import Ownership
from tests.cast import Cast

TERMS = {
    "name": "Social committee", "weekday": "3", "begins_at": "14:30", "time_zone": "Europe/Berlin",
    "duration_minutes": "45", "every_weeks": "1", "first_on": "2026-03-02", "quorum_percent": "60",
    "agrees_by": "consent", "place": "Room 4",
}  # fmt: skip


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


@pytest.fixture
def committee(company: Cast) -> Committee:
    """Founded through the pages; Lea, Ben and Leo sit in it."""
    RoleGrant.objects.create(person=company.ben, role=Role.COMMITTEE)
    cho = browser(company.cho)
    assert "No committee yet" in cho.get(at("committee")).content.decode()
    assert cho.post(at("committee_terms"), TERMS).status_code == HTTPStatus.FOUND
    sent: dict[str, str] = {}
    for slug, person in (("customer_service", company.lea), ("operations", company.ben), ("legal", company.leo)):
        sent |= {f"{slug}-sits": "on", f"{slug}-person": str(person.pk)}
    assert cho.post(at("committee_seats"), sent).status_code == HTTPStatus.FOUND
    return Committee.objects.get()


def test_one_person_cannot_hold_two_seats(company: Cast, committee: Committee) -> None:
    sent = {f"{slug}-{name}": str(company.lea.pk) for slug in ("operations", "legal") for name in ("person",)}
    answer = browser(company.cho).post(at("committee_seats"), sent | {"operations-sits": "on", "legal-sits": "on"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "cannot hold two seats" in answer.content.decode()
    assert committee.seats.count() == 3


def test_a_meeting_goes_from_its_agenda_to_a_decision_in_force(company: Cast, committee: Committee) -> None:
    meeting = Meeting.objects.order_by("begins_at")[0]
    here = {"number": meeting.number}
    cho, lea, ben = browser(company.cho), browser(company.lea), browser(company.ben)
    lea.post(at("committee_items", **here), {"title": "Who has delivery?", "question": "Operations see the van."})
    item = AgendaItem.objects.get()
    told = {"stance": "for", "text": "Gladly."}
    ben.post(at("committee_paper", **here, item=item.pk), told)
    cho.post(at("committee_opening", **here))
    lea.post(at("committee_presence", **here), {"department": "customer_service"})
    decision = {
        "kind": "ownership", "objective": "care", "responsible": "operations", "title": "Operations have care",
        "because": "They see the van.", "metric": "first_response", "expected": "Sooner.",
        "review_on": (timezone.now() + dt.timedelta(days=30)).date().isoformat(),
    }  # fmt: skip
    deciding = at("committee_deciding", **here, item=item.pk)
    preview = cho.post(deciding, decision).content.decode()
    decision["previewed"] = preview.split('name="previewed" value="')[1].split('"')[0]
    refused = cho.post(deciding, decision)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "departments that must be there" in refused.content.decode()
    ben.post(at("committee_presence", **here), {"department": "operations"})
    page = lea.get(at("committee_meeting", **here)).content.decode()
    assert "2 of 3 there, 2 needed" in page
    assert "Gladly." in page
    assert lea.post(deciding, decision).status_code == HTTPStatus.FORBIDDEN
    assert cho.post(deciding, decision).status_code == HTTPStatus.FOUND
    made = Decision.objects.get()
    assert made.measured_by["narrowed"] == {"objective": str(company.objectives["care"].pk)}
    assert enact(at=timezone.now()) == 1
    assert Ownership.objects.filter(decision_number=1, responsible__slug="operations").exists()
    due = (timezone.now() + dt.timedelta(days=3)).date().isoformat()
    cho.post(at("committee_actions", **here), {"title": "Tell the depots", "owner": company.ana.pk, "due_on": due})
    cho.post(at("committee_closing", **here))
    minutes = lea.get(at("committee_meeting", **here)).content.decode()
    assert "1 department missing" in minutes
    assert lea.get(at("committee_document", **here)).content.startswith(b"%PDF")
    written = lea.get(at("committee_markdown", **here)).content.decode()
    assert "**Decision 1: Operations have care.** Operations owns care. They see the van." in written
    assert "- Legal (Leo): missing" in written
    ana = browser(company.ana)
    assert "Operations have care" in ana.get(at("committee_decision", decision=made.pk)).content.decode()
    assert ana.get(at("committee")).status_code == HTTPStatus.FORBIDDEN
    assert "Tell the depots" in ana.get(at("today")).content.decode()
    action = ActionItem.objects.get()
    assert ben.post(at("committee_action_done", action=action.pk)).status_code == HTTPStatus.FORBIDDEN
    ana.post(at("committee_action_done", action=action.pk))
    assert ActionItem.objects.get().done_at is not None
    taken = cho.post(at("committee_reversal", decision=made.pk), {"because": "It went worse."})
    assert taken.status_code == HTTPStatus.FOUND
    assert "Taken back" in ana.get(at("committee_decisions")).content.decode()


@pytest.mark.parametrize("kind", ["ownership", "rule", "promise", "target", "policy", "initiative", "agreement", "war"])
def test_each_kind_of_change_has_a_form_that_says_what_it_lacks(company: Cast, committee: Committee, kind: str) -> None:
    meeting = Meeting.objects.order_by("begins_at")[0]
    cho = browser(company.cho)
    cho.post(at("committee_opening", number=meeting.number))
    cho.post(at("committee_items", number=meeting.number), {"title": "Something"})
    deciding = at("committee_deciding", number=meeting.number, item=AgendaItem.objects.get().pk)
    assert cho.get(f"{deciding}?kind={kind}").status_code == HTTPStatus.OK
    assert cho.post(deciding, {"kind": kind}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_calendar_keeps_the_wall_clock_and_only_its_key_opens_it(company: Cast, committee: Committee) -> None:
    lea = browser(company.lea)
    lea.get(at("committee"))
    feed = CalendarFeed.objects.get(person=company.lea)
    answer = Client().get(reverse("committee_feed", kwargs={"key": feed.key}))
    lines = answer.content.decode().splitlines()
    begins = [line for line in lines if line.startswith("DTSTART;TZID=Europe/Berlin:")]
    assert all(line.endswith("T143000") for line in begins)
    assert len(begins) == len(Calendar.from_ical(answer.content.decode()).walk("VEVENT")) == Meeting.objects.count()
    lea.post(at("committee_feed_renewal"))
    assert Client().get(reverse("committee_feed", kwargs={"key": feed.key})).status_code == HTTPStatus.NOT_FOUND
    feed.refresh_from_db()
    RoleGrant.objects.filter(person=company.lea).delete()
    assert Client().get(reverse("committee_feed", kwargs={"key": feed.key})).status_code == HTTPStatus.NOT_FOUND


def test_form_and_maturity_say_what_they_rest_on(company: Cast, committee: Committee) -> None:
    page = browser(company.lea).get(at("committee_form"), {"minutes": "20"}).content.decode()
    assert "8 of 8 objectives have an accountable department" in page
    assert "Level 2 of 5" in page
    assert "0 of 0 planned meetings of the last quarter were held" in page
    assert browser(company.lea).get(at("committee_trend")).status_code == HTTPStatus.OK
