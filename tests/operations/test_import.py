"""`choir import` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from choir.channels.models import Channel, FileImport
from choir.inbox.models import Conversation, State
from choir.operations.commands import import_
from choir.operations.ready import Refusal
from choir.people.models import Organisation

THREADS = """conversation_id,turn,company,role,datetime,text
a,1,Acme,customer,2024-03-01T10:00:00Z,Where is my parcel?
a,2,Acme,brand,2024-03-01T10:05:00Z,On its way.
b,1,Acme,customer,2024-03-01T11:00:00Z,My app crashes
b,2,Acme,brand,,Which one?
"""


def run(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(import_.command)
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "threads.csv"
    path.write_text(THREADS)
    return str(path)


@pytest.mark.django_db
def test_an_empty_installation_can_be_imported_into(file: str) -> None:
    line = run(file, "--format", "threads", "--channel", "Old", "--json").splitlines()[-1]
    assert json.loads(line) == {
        "rows": 4,
        "mentions": 2,
        "conversations": 2,
        "messages": 3,
        "customers": 2,
        "set_aside": 1,
        "duplicates": 0,
        "frt_median_seconds": 300.0,
    }
    assert list(json.loads(line)) == [
        *("rows", "mentions", "conversations", "messages", "customers", "set_aside", "duplicates"),
        "frt_median_seconds",
    ]
    assert Organisation.objects.get().name == "My organisation"
    assert dict(Conversation.objects.values_list("thread_key", "state")) == {"a": State.RESOLVED, "b": State.NOTED}
    assert not Conversation.objects.filter(reading=None).exists()


@pytest.mark.django_db
def test_again_everything_was_there_already(file: str) -> None:
    run(file, "--format", "threads", "--channel", "Old", "--json", "--later")
    again = json.loads(run(file, "--format", "threads", "--channel", "Old", "--json", "--later").splitlines()[-1])
    assert (again["duplicates"], again["messages"], again["set_aside"]) == (4, 0, 0)


@pytest.mark.django_db
def test_a_dry_run_stores_nothing(file: str) -> None:
    counted = json.loads(run(file, "--format", "threads", "--channel", "Old", "--json", "--dry-run"))
    assert (counted["rows"], counted["messages"], counted["set_aside"]) == (4, 3, 1)
    assert not FileImport.objects.exists()
    assert not Channel.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--format", "twcs"], "it has no column tweet_id"),
        (["--format", "csv", "--map", "nothing"], "no pair"),
        (["--format", "csv", "--map", "text=song"], "no field"),
        (["--format", "csv", "--zone", "Mars/Base"], "no time zone"),
        (["--format", "csv", "--dates", "sometimes"], "day-first or month-first"),
        (["--format", "threads", "--workspace", "nowhere"], "no workspace"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(file: str, arguments: list[str], complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint):
        run(file, "--channel", "Old", *arguments)
