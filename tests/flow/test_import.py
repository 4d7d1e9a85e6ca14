"""Files of history become conversations with their true times."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
import statistics
from collections import defaultdict
from pathlib import Path

import pytest

from choir.channels.importing import NoSuchChannelError, begin, import_channel, store_rows
from choir.channels.imports.formats import source
from choir.channels.imports.opening import opened
from choir.channels.models import Arrival, FileImport
from choir.events.models import Event
from choir.flow.first_organisation import WhichWorkspaceError, workspace_for
from choir.flow.import_file import run_import
from choir.flow.route import route
from choir.flow.understand import understand
from choir.inbox.models import Conversation, Direction, Message, State
from choir.listening.models import Mention
from choir.people.models import Organisation, Workspace
from tests.places import NOW, place

pytestmark = pytest.mark.django_db

TWCS = ["tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id", "in_response_to_tweet_id"]
THREADS = ["conversation_id", "turn", "company", "role", "datetime", "text"]


def table(path: Path, header: list[str], *rows: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def tweet(number: int, author: str, minute: int, *, to: str = "", inbound: bool | None = None) -> list[str]:
    at = dt.datetime(2017, 10, 31, 22, 0, tzinfo=dt.UTC) + dt.timedelta(minutes=minute)
    spoke = str(author.isdigit() if inbound is None else inbound)
    return [str(number), author, spoke, at.strftime("%a %b %d %H:%M:%S +0000 %Y"), f"tweet {number}", "", to]


def run(path: Path, workspace: Workspace, *, format: str = "twcs", name: str = "Old", **columns: str) -> FileImport:
    read = source(opened(path), format=format, columns=columns)
    started = begin(import_channel(workspace, name=name, format=format, at=NOW), read, by=None, at=NOW)
    return run_import(started, read, at=NOW)


@pytest.fixture
def workspace() -> Workspace:
    return place().workspace


def test_the_reply_graph_makes_conversations_whatever_the_order(tmp_path: Path, workspace: Workspace) -> None:
    file = table(
        tmp_path / "t.csv",
        TWCS,
        tweet(4, "AcmeHelp", 9, to="3"),
        tweet(3, "100", 5, to="2"),
        tweet(2, "AcmeHelp", 3, to="1"),
        tweet(1, "100", 0),
        tweet(11, "200", 1, to="12"),
        tweet(12, "200", 2, to="11"),
        tweet(21, "AcmeHelp", 7, to="999"),
        tweet(31, "300", 8, to="998.0"),
    )
    result = run(file, workspace).result
    assert result == {
        "rows": 8,
        "mentions": 5,
        "conversations": 4,
        "messages": 8,
        "customers": 3,
        "set_aside": 0,
        "duplicates": 0,
        "frt_median_seconds": 180.0,
    }
    first = Conversation.objects.get(thread_key="1")
    assert [message.external_id for message in first.messages.order_by("at")] == ["1", "2", "3", "4"]
    answer = first.messages.get(external_id="2")
    assert (answer.direction, answer.author_name, answer.sent_at) == (Direction.OUTBOUND, "AcmeHelp", answer.at)
    assert answer.at == dt.datetime(2017, 10, 31, 22, 3, tzinfo=dt.UTC)


def test_every_message_is_recorded_at_its_true_time(tmp_path: Path, workspace: Workspace) -> None:
    run(table(tmp_path / "t.csv", TWCS, tweet(2, "AcmeHelp", 3, to="1"), tweet(1, "100", 0)), workspace)
    about = Event.objects.filter(subject_type="conversation").order_by("at", "verb")
    assert [event.verb for event in about] == ["conversation.arrived", "message.received", "message.sent"]
    sent = about.get(verb="message.sent")
    assert sent.at == Message.objects.get(external_id="2").at
    assert sent.facts["first_response_seconds"] == 180
    assert Event.objects.get(verb="import.finished").facts["rows"] == 2


def test_the_same_import_twice_changes_nothing(tmp_path: Path, workspace: Workspace) -> None:
    rows = [tweet(1, "100", 0), tweet(2, "AcmeHelp", 3, to="1"), ["x", "100", "True", "never", "?", "", ""]]
    file = table(tmp_path / "t.csv", TWCS, *rows)
    run(file, workspace)

    def everything() -> list[object]:
        kinds = (Arrival, Mention, Message, Conversation)
        told = Event.objects.exclude(verb="import.finished").count()
        return [told, *(list(kind.objects.order_by("pk").values()) for kind in kinds[1:]), Arrival.objects.count()]

    before = everything()
    again = run(file, workspace).result
    Conversation.objects.update(state_at=NOW)
    assert (again["rows"], again["duplicates"], again["messages"], again["set_aside"]) == (3, 3, 0, 0)
    assert everything() == before


def test_rows_that_cannot_be_read_are_set_aside_with_line_and_reason(tmp_path: Path, workspace: Workspace) -> None:
    file = table(
        tmp_path / "t.csv",
        TWCS,
        tweet(1, "100", 0),
        ["2", "100", "True", "31 Foo 2017", "no time", "", ""],
        ["3", "100", "perhaps", "Tue Oct 31 22:00:00 +0000 2017", "who spoke?", "", ""],
        ["", "100", "True", "Tue Oct 31 22:00:00 +0000 2017", "no id", "", ""],
        ["5", "100", "True"],
        ["6", "100", "True", "Tue Oct 31 22:00:00 +0000 2017", "a", "b", "c", "d", "e"],
        tweet(7, "100", 60 * 24 * 365 * 30),
        [*tweet(1, "100", 0)[:4], "other words under a known id", "", ""],
    )
    result = run(file, workspace).result
    assert (result["rows"], result["messages"], result["set_aside"], result["duplicates"]) == (8, 1, 7, 0)
    aside = dict(Arrival.objects.exclude(set_aside_because="").values_list("line", "set_aside_because"))
    assert "no form that can be read" in aside[3]
    assert "neither that the customer spoke" in aside[4]
    assert "no tweet_id" in aside[5]
    assert "3 cells" in aside[6]
    assert "9 cells" in aside[7]
    assert "in the future" in aside[8]
    assert "other words" in aside[9]
    kept = json.loads(bytes(Arrival.objects.get(line=4).payload))
    assert kept["text"] == "who spoke?"


def test_a_killed_import_goes_on_where_it_stopped(tmp_path: Path, workspace: Workspace) -> None:
    rows = [tweet(n, "100" if n % 2 else "AcmeHelp", n, to=str(n - 1) if n % 4 else "") for n in range(1, 41)]
    file = table(tmp_path / "t.csv", TWCS, *rows)
    read = source(opened(file), format="twcs")
    started = begin(import_channel(workspace, name="Old", format="twcs", at=NOW), read, by=None, at=NOW)
    store_rows(started, [row for row, _ in zip(read.rows(), range(17), strict=False)], at=NOW)  # and then it is killed
    resumed = run(file, workspace)
    assert resumed.pk == started.pk
    assert (resumed.result["rows"], resumed.result["messages"], resumed.result["duplicates"]) == (40, 40, 0)
    whole = run(file, place("south").workspace).result
    assert resumed.result == whole


def test_answered_history_is_resolved_and_old_unanswered_history_noted_and_the_rest_is_work(
    tmp_path: Path, workspace: Workspace
) -> None:
    recent = (NOW - dt.timedelta(days=3)).isoformat()
    old = (NOW - dt.timedelta(days=300)).isoformat()
    file = table(
        tmp_path / "t.csv",
        THREADS,
        ["a", "1", "Acme", "customer", old, "My parcel is broken, what now?"],
        ["a", "2", "Acme", "brand", (NOW - dt.timedelta(days=299)).isoformat(), "We send another."],
        ["b", "1", "Acme", "customer", old, "My parcel is broken, what now?"],
        ["c", "1", "Acme", "customer", recent, "My parcel is broken, what now?"],
    )
    run(file, workspace, format="threads")
    assert set(Conversation.objects.values_list("state", flat=True)) == {State.ARRIVING}
    while understand(at=NOW) or route(at=NOW):
        pass
    states = dict(Conversation.objects.values_list("thread_key", "state"))
    assert states == {"a": State.RESOLVED, "b": State.NOTED, "c": State.OPEN}
    resolved = Event.objects.get(verb="conversation.resolved")
    assert resolved.at == NOW - dt.timedelta(days=299)
    assert "history" in Event.objects.get(verb="conversation.noted").because


def test_any_csv_by_mapping_its_columns(tmp_path: Path, workspace: Workspace) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text('Rezension;Wann;Wer;Sterne\n"Schön; wirklich";03.05.2024 14:30;Jörg;4,5\nNa ja;2024-05-04;Uwe;2\n')
    mapping = {"Rezension": "text", "Wann": "at", "Wer": "author_name", "Sterne": "stars"}
    result = run(file, workspace, format="csv", **mapping)
    assert result.result["messages"] == 2
    said = Mention.objects.get(text="Schön; wirklich")
    assert said.posted_at == dt.datetime(2024, 5, 3, 14, 30, tzinfo=dt.UTC)
    assert Mention.objects.get(text="Na ja").stars == 2
    assert result.remarks == ["Times without a zone were read as UTC."]


def test_json_lines_with_familiar_names(tmp_path: Path, workspace: Workspace) -> None:
    file = tmp_path / "lines.jsonl.gz"
    lines = [
        '{"id": 1, "user": "ana", "message": "hello \\u0000 \\ud83d", "timestamp": 1717243200}',
        '{"id": 2, "reply_to": 1, "role": "agent", "message": "hi", "timestamp": 1717243260000}',
        "not json",
        "[1, 2]",
    ]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    result = run(file, workspace, format="jsonl").result
    assert (result["messages"], result["set_aside"], result["frt_median_seconds"]) == (2, 2, 60.0)
    assert Mention.objects.get().text == "hello \ufffd \ufffd"


def test_a_live_channel_takes_no_history(workspace: Workspace) -> None:
    with pytest.raises(NoSuchChannelError, match="channel of its own"):
        import_channel(workspace, name="Sandbox north", format="csv", at=NOW)


def test_an_empty_installation_gets_a_first_organisation() -> None:
    first = workspace_for(None, at=NOW)
    assert first.organisation.name == "My organisation"
    assert workspace_for(None, at=NOW) == first
    Organisation.objects.create(name="Demo", slug="demo", is_demo=True)
    assert workspace_for(None, at=NOW) == first
    place("second")
    with pytest.raises(WhichWorkspaceError, match="--workspace"):
        workspace_for(None, at=NOW)


if given := os.environ.get("CHOIR_CARE_THREADS", ""):

    def test_real_threads_are_counted_as_an_independent_count_counts_them(workspace: Workspace) -> None:
        with gzip.open(given, "rb") as file:
            rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline="")))
        dated = [row for row in rows if row["datetime"]]
        times: dict[str, dict[str, list[dt.datetime]]] = defaultdict(lambda: defaultdict(list))
        for row in dated:
            at = dt.datetime.fromisoformat(row["datetime"].replace("Z", "+00:00"))
            times[row["conversation_id"]][row["role"]].append(at)
        waits = []
        for spoke in times.values():
            asked = min(spoke["customer"])
            answers = [at for at in spoke["brand"] if at >= asked]
            if answers:
                waits.append((min(answers) - asked).total_seconds())
        assert run(Path(given), workspace, format="threads").result == {
            "rows": len(rows),
            "mentions": sum(row["role"] == "customer" for row in dated),
            "conversations": len(times),
            "messages": len(dated),
            "customers": len(times),
            "set_aside": len(rows) - len(dated),
            "duplicates": 0,
            "frt_median_seconds": statistics.median(waits),
        }
