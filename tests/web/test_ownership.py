"""The ownership matrix: read by everybody, changed by the champion, previewed before."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.routing.models import Ownership
from tests.cast import Cast, cast
from tests.conversing import opened


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def at(objective: str = "") -> str:
    named = {"workspace": "acme"} | ({"objective": objective} if objective else {})
    return reverse("ownership_objective" if objective else "ownership", kwargs=named)


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # any person of the cast
    return client


def test_the_matrix_names_each_objective_and_its_splits(company: Cast) -> None:
    page = signed_in(company.ana).get(at()).content.decode()
    assert "Care about delivery" in page
    assert "Listening" in page


def test_a_gap_is_named(company: Cast) -> None:
    Ownership.objects.filter(objective=company.objectives["talent"]).delete()
    assert "is owned by nobody" in signed_in(company.ana).get(at()).content.decode()


def test_a_preview_counts_the_past_and_changes_nothing(company: Cast) -> None:
    care = Ownership.objects.get(objective=company.objectives["care"], topic="")
    for _ in range(3):
        opened(company, at=timezone.now() - dt.timedelta(days=2)).assignments.update(ownership=care)
    form = {"responsible": company.departments["operations"].pk, "because": "Quicker", "preview": "1"}
    page = signed_in(company.cho).post(at("care"), form).content.decode()
    assert page.count("Where is my parcel?") == 3
    assert "3 would have gone to another department" in " ".join(page.split())
    assert Ownership.objects.filter(objective=company.objectives["care"], topic="").count() == 1


def seen(client: Client, url: str, form: dict[str, object]) -> dict[str, object]:
    """The form as it is sent after its preview."""
    previewed = re.search(r'name="previewed" value="([^"]+)"', client.post(url, form).content.decode())
    assert previewed is not None
    return form | {"previewed": previewed[1]}


def test_the_champion_changes_the_owner_after_seeing_what_it_would_have_done(company: Cast) -> None:
    form = {"responsible": company.departments["operations"].pk, "because": "Quicker"}
    client = signed_in(company.cho)
    sent = seen(client, at("care"), form)
    assert Ownership.objects.filter(objective=company.objectives["care"], topic="").count() == 1
    other = sent | {"responsible": company.departments["legal"].pk}
    assert "Nothing has changed yet" in client.post(at("care"), other).content.decode()
    assert client.post(at("care"), sent).status_code == 302
    newest = Ownership.objects.get(objective=company.objectives["care"], topic="", effective_until=None)
    assert (newest.version, newest.responsible, newest.decided_by) == (
        2,
        company.departments["operations"],
        company.cho,
    )


def test_nobody_else_changes_it(company: Cast) -> None:
    form = {"responsible": company.departments["operations"].pk, "because": "Quicker"}
    assert signed_in(company.lea).post(at("care"), form).status_code == 403


def test_a_change_in_the_past_is_refused_with_words(company: Cast) -> None:
    form = {"responsible": company.departments["operations"].pk, "because": "Quicker", "effective_on": "2020-01-01"}
    answer = signed_in(company.cho).post(at("care"), form)
    assert "cannot change in the past" in answer.content.decode()


def test_a_draft_is_replayed_and_each_figure_opens_to_its_conversations(company: Cast) -> None:
    care = Ownership.objects.get(objective=company.objectives["care"], topic="")
    for _ in range(3):
        opened(company, at=timezone.now() - dt.timedelta(days=2)).assignments.update(ownership=care)
    client, what_if = signed_in(company.cho), reverse("ownership_what_if", kwargs={"workspace": "acme"})
    assert "As it stands today" in client.get(what_if).content.decode()
    drafted = client.get(what_if, {"objective": "care", "responsible": "operations"})
    page = client.get(drafted["Location"]).content.decode()
    assert "Operations owns care" in page
    rows = next(link for link in re.findall(r'href="([^"]+)"', page) if "giver=" in link).replace("&amp;", "&")
    shown = client.get(rows).content.decode()
    assert shown.count("Where is my parcel?") == 3
    taken = next(link for link in re.findall(r'href="([^"]+)"', shown) if ".csv" in link).replace("&amp;", "&")
    assert len(b"".join(client.get(taken)).splitlines()) == 4
    assert Ownership.objects.filter(objective=company.objectives["care"], topic="").count() == 1


@pytest.mark.parametrize("change", ["care", "care~~~~~~nobody", "care~x~~~legal", "~~~~~~", "care~~xx~~legal"])
def test_a_draft_that_names_nothing_is_left_out(company: Cast, change: str) -> None:
    what_if = reverse("ownership_what_if", kwargs={"workspace": "acme"})
    page = signed_in(company.cho).get(what_if, {"change": change, "minutes": "many"})
    assert "As it stands today" in page.content.decode()


def test_the_replay_is_for_those_who_read_the_strategy(company: Cast) -> None:
    what_if = reverse("ownership_what_if", kwargs={"workspace": "acme"})
    assert signed_in(company.ana).get(what_if).status_code == 403
    assert "what-if" not in signed_in(company.ana).get(at()).content.decode()
    assert signed_in(company.outsider).get(what_if).status_code == 404


def test_the_champion_says_what_a_conversation_takes_of_a_person(company: Cast) -> None:
    url = reverse("ownership_weight", kwargs={"workspace": "acme", "objective": "compliance"})
    assert signed_in(company.lea).post(url, {"weight": "2.5"}).status_code == 403
    signed_in(company.cho).post(url, {"weight": "2.5"})
    signed_in(company.cho).post(url, {"weight": "0"})
    company.objectives["compliance"].refresh_from_db()
    assert company.objectives["compliance"].weight == 2.5
