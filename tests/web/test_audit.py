"""The record as a page and as files."""

import csv
import datetime as dt
import hashlib
import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.events.actions import record
from choir.events.chain import Chain, seal_all
from choir.events.models import Event
from choir.people.models import Person
from tests.cast import Cast

PAGE = {"workspace": "acme"}


@pytest.fixture
def recorded(company: Cast) -> Cast:
    """Three events of two people, sealed; the last one has a formula for its reason."""
    for number, (verb, by, because) in enumerate(
        [
            ("conversation.resolved", company.ana, "Answered."),
            ("conversation.handed_over", company.ben, "<script>alert(1)</script>"),
            ("note.added", company.ana, "=1+1"),
        ]
    ):
        record(
            verb=verb,
            subject=company.channel,
            organisation_id=company.organisation.pk,
            workspace_id=company.workspace.pk,
            at=timezone.now(),
            by=by,
            because=because,
            facts={"number": number, "name": "Zoë", "share": 0.1},
        )
    seal_all(at=timezone.now() + dt.timedelta(seconds=5))
    return company


def get(person: Person, name: str = "audit", **filters: Any) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse(name, kwargs=PAGE), filters)


def body(person: Person, **filters: Any) -> str:
    return str(get(person, **filters).content.decode())


def test_legal_and_administrators_read_it(recorded: Cast) -> None:
    for person in (recorded.leo, recorded.ada):
        page = body(person)
        assert "conversation.handed_over" in page
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize("who", ["ana", "lea", "eve", "cho", "mia"])
def test_others_do_not(recorded: Cast, who: str) -> None:
    for name in ("audit", "audit-csv", "audit-jsonl"):
        assert get(getattr(recorded, who), name).status_code == HTTPStatus.FORBIDDEN


def test_the_outsider_gets_404(recorded: Cast) -> None:
    for name in ("audit", "audit-csv", "audit-jsonl"):
        assert get(recorded.outsider, name).status_code == HTTPStatus.NOT_FOUND


def test_the_settings_lead_to_it(recorded: Cast) -> None:
    link = reverse("audit", kwargs=PAGE)
    assert f'href="{link}"' in get(recorded.leo, "settings").content.decode()
    assert f'href="{link}"' not in get(recorded.ana, "settings").content.decode()


def test_filters(recorded: Cast) -> None:
    assert "note.added" not in body(recorded.leo, by="ben")
    assert "note.added" not in body(recorded.leo, verb="conversation")
    assert "note.added" in body(recorded.leo, verb="note", by="", since="", until="", about="")
    assert "note.added" not in body(recorded.leo, until="2020-01-01")
    assert "Nothing fits" in body(recorded.leo, verb="nothing")
    assert get(recorded.leo, since="yesterday").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert get(recorded.leo, before="nonsense").status_code == HTTPStatus.OK


def test_every_event_is_reached_by_paging(recorded: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("choir.web.audit.views.PAGE", 1)
    seen: list[object] = []
    older: dict[str, str] = {}
    for _ in range(3):
        answer = get(recorded.leo, **older)
        [row] = answer.context["rows"]
        seen.append(row.verb)
        older = {"before": str(row.pk)}
    assert seen == ["note.added", "conversation.handed_over", "conversation.resolved"]
    assert answer.context["older_url"] == ""


def test_verifying_from_the_page(recorded: Cast) -> None:
    client = Client()
    client.force_login(recorded.leo)
    url = reverse("audit-verification", kwargs=PAGE)
    assert "Whole: 3 events" in client.post(url).content.decode()
    Event.objects.filter(position=2).update(because="nothing happened")
    page = client.post(url).content.decode()
    assert "Changed: 1 places" in page
    assert str(Event.objects.get(position=2).pk) in page


def test_a_spreadsheet_gets_text_and_no_formulas(recorded: Cast) -> None:
    answer = get(recorded.leo, "audit-csv")
    rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert [row["because"] for row in rows] == ["Answered.", "<script>alert(1)</script>", "'=1+1"]
    assert json.loads(rows[0]["facts"])["name"] == "Zoë"


def test_anybody_can_recompute_the_chain_from_the_file(recorded: Cast) -> None:
    answer = get(recorded.leo, "audit-jsonl")
    digest = Chain(recorded.organisation.pk, recorded.workspace.pk).beginning
    lines = [json.loads(line) for line in b"".join(answer).decode().splitlines()]
    assert len(lines) == 3
    for one in lines:
        digest = hashlib.sha256(digest + one["line"].encode()).digest()
        assert digest.hex() == one["digest"]
        assert one["because"] in json.loads(one["line"])


def test_files_are_filtered_like_the_page(recorded: Cast) -> None:
    assert len(b"".join(get(recorded.leo, "audit-jsonl", by="ben")).splitlines()) == 1
