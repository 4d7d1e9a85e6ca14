"""The command line: its help, its options, its sentences."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from choir.operations.cli import app, load, modules
from choir.operations.ready import Refusal, name_installation

ROOT = Path(__file__).resolve().parents[2]


def choir(*arguments: str | Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | settings
    command = [sys.executable, "-m", "choir.operations", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)


def every_command() -> list[str]:
    """Each command as it is typed, `demo load` as well as `up`."""
    found = []
    for name in modules():
        parts = getattr(load(name), "commands", None)
        found += [f"{name} {part}" for part in parts] if parts else [name]
    return sorted(found)


RUN_ON = {"serve", "up", "worker"}
WRITE_A_DOCUMENT = {"audit heads", "measure definitions"}


@pytest.mark.parametrize("line", every_command())
def test_every_command_explains_itself_with_an_example_and_reports_as_json(line: str) -> None:
    answer = CliRunner().invoke(app, [*line.split(), "--help"])
    assert answer.exit_code == 0
    assert f"Example: choir {line}" in answer.output
    assert ("--json" in answer.output) is (line not in RUN_ON | WRITE_A_DOCUMENT)


@pytest.mark.parametrize("group", sorted({line.split()[0] for line in every_command() if " " in line}))
def test_every_group_of_commands_shows_an_example(group: str) -> None:
    assert f"Example: choir {group}" in CliRunner().invoke(app, [group, "--help"]).output


@pytest.mark.parametrize(
    "arguments",
    [["--data", "DIR", "doctor"], ["doctor", "--data", "DIR"], ["doctor", "--data=DIR"], ["--data=DIR", "doctor"]],
)
def test_the_installation_may_be_named_anywhere_in_the_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOIR_DATA", "elsewhere")
    assert name_installation([part.replace("DIR", str(tmp_path)) for part in arguments]) == ["doctor"]
    assert os.environ["CHOIR_DATA"] == str(tmp_path)


def test_what_follows_two_dashes_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOIR_DATA", "here")
    assert name_installation(["import", "--", "--data", "x"]) == ["import", "--", "--data", "x"]
    assert os.environ["CHOIR_DATA"] == "here"


def test_data_without_a_folder_is_explained() -> None:
    with pytest.raises(Refusal, match="--data needs"):
        name_installation(["doctor", "--data"])


@pytest.mark.slow
def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    answer = choir("migrate", "--data", tmp_path, CHOIR_PORT="eighty")
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr == (
        "choir: CHOIR_PORT is 'eighty', which cannot be used: it must be a number from 1 to 65535.\n"
    )


@pytest.mark.slow
def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    answer = choir("migrate", "--data", tmp_path, DATABASE_URL="postgresql://u:hidden@127.0.0.1:1/choir")
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert "does not answer" in answer.stderr
    assert "hidden" not in answer.stderr


@pytest.mark.slow
def test_an_unusable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = choir("doctor", "--data", tmp_path / "file")
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert "--data" in answer.stderr
