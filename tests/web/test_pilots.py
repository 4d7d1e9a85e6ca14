"""Pilots through the pages: designed, begun, looked at when it was set, called off."""

from django.test import Client
from django.urls import reverse

from choir.governance.jobs import convene
from choir.people.models import Person
from choir.pilots.looking import look_at
from choir.pilots.models import Ending, Outcome, Pilot
from tests.cast import Cast
from tests.pilots.running import begun, went


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **where: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **where})


FORM = {
    "name": "Deliveries", "because": "They see the van.", "objective": "care", "candidate": "operations",
    "percent": 50, "days": 28, "metric": "first_response", "worth_percent": 30, "also": ["one_touch"], "looks": 1,
}  # fmt: skip


def test_a_pilot_is_worked_out_begun_and_shows_nothing_before_its_look(company: Cast) -> None:
    client = signed_in(company.cho)
    planned = client.post(at("ownership_new_pilot"), FORM | {"plan": "1"}).content.decode()
    assert "What it would take" in planned
    assert not Pilot.objects.exists()
    begun_at = client.post(at("ownership_new_pilot"), FORM | {"begin": "1"})
    pilot = Pilot.objects.get()
    assert begun_at["Location"] == at("ownership_pilot", pilot=pilot.pk)
    page = client.get(begun_at["Location"]).content.decode()
    assert "is not shown before the look" in page
    assert "Customer service, who owns it, with Operations" in page
    assert "Deliveries" in client.get(at("ownership_pilots")).content.decode()


def test_a_refusal_stands_on_the_form(company: Cast) -> None:
    company.ben.memberships.all().delete()
    answer = signed_in(company.cho).post(at("ownership_new_pilot"), FORM | {"begin": "1"})
    assert answer.status_code == 422
    assert "has no team with people" in answer.content.decode()


def test_a_look_opens_to_the_conversations_of_each_side(company: Cast) -> None:
    pilot = begun(company)
    went(company, pilot, owner=[7200 + one for one in range(12)], candidate=[1800 + one for one in range(12)])
    convene(at=look_at(pilot, 1))
    client = signed_in(company.eve)
    page = client.get(at("ownership_pilot", pilot=pilot.pk)).content.decode()
    assert "−75 %" in page
    rows = client.get(at("ownership_pilot_rows", pilot=pilot.pk), {"side": "candidate", "older": "none"})
    assert rows.content.decode().count("Where is my parcel?") == 12


def test_it_is_called_off_with_a_reason_by_the_champion_alone(company: Cast) -> None:
    pilot = begun(company)
    ending = at("ownership_pilot_ending", pilot=pilot.pk)
    assert signed_in(company.lea).post(ending, {"because": "No."}).status_code == 403
    assert signed_in(company.outsider).post(ending, {"because": "No."}).status_code == 404
    assert signed_in(company.cho).post(ending, {}).status_code == 422
    assert signed_in(company.cho).post(ending, {"because": "Nobody there speaks German."}).status_code == 302
    assert Ending.objects.get().outcome == Outcome.CALLED_OFF
    page = signed_in(company.cho).get(at("ownership_pilot", pilot=pilot.pk)).content.decode()
    assert "Nobody there speaks German." in page
    assert "Call it off" not in page
