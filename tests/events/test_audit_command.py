"""`choir audit` tells an operator, and a script, whether the record is what it was."""

import json
from pathlib import Path

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from choir.events.chain import seal_all
from choir.events.models import Event, Seal
from choir.operations.commands.audit import app
from choir.operations.ready import Refusal
from choir.people.models import Workspace
from tests.events.test_chain import happen, workspace

__all__ = ["workspace"]
run = CliRunner().invoke


@pytest.fixture
def sealed(workspace: Workspace) -> Workspace:
    """Twenty events, sealed."""
    happen(workspace, 20)
    seal_all(at=timezone.now())
    return workspace


def test_a_whole_record_exits_0(sealed: Workspace) -> None:
    answer = run(app, ["verify"])
    assert answer.exit_code == 0
    assert "The record is whole: 20 events in 1 chains." in answer.output


def test_a_changed_record_exits_1_and_names_the_event(sealed: Workspace) -> None:
    Event.objects.filter(position=3).update(verb="conversation.reopened")
    answer = run(app, ["verify", "--json"])
    assert answer.exit_code == 1
    report = json.loads(answer.output)
    assert not report["ok"]
    assert report["chains"][0]["problems"][0]["event"] == str(Event.objects.get(position=3).pk)


def test_heads_kept_elsewhere_show_a_cut_tail(sealed: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "heads.json"
    file.write_text(run(app, ["heads"]).output)
    assert run(app, ["verify", "--expect", str(file)]).exit_code == 0
    Event.objects.all().delete()
    Seal.objects.all().delete()
    assert run(app, ["verify"]).exit_code == 0
    assert run(app, ["verify", "--expect", str(file)]).exit_code == 1


def test_a_file_without_heads_and_an_unknown_organisation_are_refused(sealed: Workspace, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("not json")
    for arguments in (["verify", "--expect", str(tmp_path / "x")], ["verify", "--organisation", "nobody"]):
        answer = run(app, arguments)
        assert isinstance(answer.exception, Refusal)
