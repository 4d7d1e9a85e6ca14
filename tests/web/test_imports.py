"""/w/<workspace>/settings/imports/: past conversations from a file."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.channels.models import Arrival, FileImport
from choir.channels.uploads import upload_path
from choir.flow.continue_imports import continue_imports
from choir.inbox.models import Conversation, Message
from choir.people.models import Person
from tests.cast import Cast, cast

REVIEWS = b"Wann;Wer;Was\n2024-05-03 14:30;J\xc3\xb6rg;Sch\xc3\xb6n\nnever;Uwe;=cmd()\n2024-05-04;Uwe;Na ja\n"


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


def upload(client: Client, content: bytes = REVIEWS, **given: str) -> str:
    asked = {"format": "csv", "channel": "Reviews"} | given
    response = client.post(at("imports"), asked | {"file": SimpleUploadedFile("../re views.csv", content)})
    assert response.status_code == 302, response.content
    return str(response["Location"])


CHOSEN = {"column-0": "at", "column-1": "author", "column-2": "text", "zone": "Europe/Berlin", "dates": "unmistakable"}


def test_a_file_is_looked_at_then_imported_then_what_was_set_aside_is_got(company: Cast) -> None:
    ada = signed_in(company.ada)
    mapping = upload(ada)
    first = ada.get(mapping)
    assert first.status_code == 200
    assert "say which one holds: Text, When it was said" in first.content.decode()
    assert "Schön" in first.content.decode(), "what a column holds stands below it"
    assert ada.post(mapping, {"zone": "UTC", "dates": "unmistakable"}).status_code == 422
    page = ada.get(mapping, CHOSEN | {"format": "csv", "channel": "Reviews"}).content.decode()
    assert "Schön" in page
    assert "Of the first 3 rows, 1 would be set aside" in page
    assert "read as Europe/Berlin" in page
    started = ada.post(mapping, CHOSEN)
    run = FileImport.objects.get()
    assert (started.status_code, started["Location"]) == (302, at("import", run=run.pk))
    assert (run.by, run.file_name.endswith("re-views.csv")) == (company.ada, True)
    assert "Reading" in ada.get(started["Location"]).content.decode()
    assert continue_imports(at=timezone.now()) == 1
    run.refresh_from_db()
    assert run.result["messages"] == 2
    assert upload_path(company.workspace.pk, run.stored_as) is None
    assert Message.objects.get(text="Schön").at.isoformat() == "2024-05-03T12:30:00+00:00"
    assert "no form that can be read" in ada.get(started["Location"]).content.decode()
    lines = list(csv.reader(io.StringIO(ada.get(at("import_set_aside", run=run.pk)).getvalue().decode())))
    assert [line[0] for line in lines] == ["line", "3"]
    assert continue_imports(at=timezone.now()) == 0


def test_a_fixed_format_needs_no_mapping(company: Cast) -> None:
    ada = signed_in(company.ada)
    content = b"conversation_id,turn,company,role,datetime,text\na,1,Acme,customer,2024-05-03T10:00:00Z,Hello\n"
    mapping = upload(ada, content, format="threads", channel="Old")
    assert "Hello" in ada.get(mapping).content.decode()
    ada.post(mapping, {"zone": "UTC", "dates": "unmistakable"})
    continue_imports(at=timezone.now())
    assert Conversation.objects.get().thread_key == "a"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"PK\x03\x04 and so on", "Excel workbook"),
        (b"\x89PNG\r\n", "a picture"),
        (b"text,text\n1,2\n", "twice"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_with_what_it_is(
    company: Cast, content: bytes, complaint: str
) -> None:
    ada = signed_in(company.ada)
    response = ada.get(upload(ada, content))
    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert not FileImport.objects.exists()


def test_two_columns_cannot_hold_one_thing(company: Cast) -> None:
    ada = signed_in(company.ada)
    response = ada.get(upload(ada), CHOSEN | {"column-1": "text"})
    assert response.status_code == 422
    assert "holds this already" in response.content.decode()


def test_a_live_channel_is_refused(company: Cast) -> None:
    ada = signed_in(company.ada)
    response = ada.post(upload(ada, channel=company.channel.name), CHOSEN)
    assert response.status_code == 422
    assert not Arrival.objects.exists()


def test_an_upload_that_is_gone_is_said_on_the_import(company: Cast) -> None:
    ada = signed_in(company.ada)
    ada.post(upload(ada), CHOSEN)
    FileImport.objects.update(stored_as="0" * 36 + "--gone.csv")
    continue_imports(at=timezone.now())
    assert "Upload it again" in FileImport.objects.get().failure


@pytest.mark.parametrize("file", ["..", "x", "0" * 36 + "--passwd"])
def test_files_of_others_and_of_the_system_are_not_reachable(company: Cast, file: str) -> None:
    assert signed_in(company.ada).get(at("import_mapping", file=file)).status_code == 404


def test_only_who_may_import_does(company: Cast) -> None:
    ada = signed_in(company.ada)
    mapping = upload(ada)
    ada.post(mapping, CHOSEN)
    run = FileImport.objects.get()
    addresses = [at("imports"), mapping, at("import", run=run.pk), at("import_set_aside", run=run.pk)]
    for address in addresses:
        assert signed_in(company.ana).get(address).status_code == 403
        assert signed_in(company.outsider).get(address).status_code == 404
