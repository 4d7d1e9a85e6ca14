"""Suites against servers nobody here wrote. `bin/test-networks` installs and names them (CHOIR_NETWORKS); the ordinary
test run passes them by. What could not be installed is said in the closing table, not passed over in silence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cast import Cast, cast
from tests.networks.installed import FOLDER
from tests.networks.place import Place
from tests.networks.places import PLACES
from tests.networks.steps import put_behind

collect_ignore_glob = [] if FOLDER else ["test_*"]
RESULTS: list[tuple[str, str, str]] = []
FIGURES: list[str] = []


@pytest.fixture(scope="session", params=[pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in PLACES])
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def place(network: str, tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Place]:
    with PLACES[network](tmp_path_factory.mktemp(network), database_url) as one:
        yield one


@pytest.fixture
def company(place: Place) -> Cast:
    """The company, its channel connected, and everything said so far behind it."""
    here = cast()
    place.connect(here.channel)
    put_behind(here.channel)
    return here


Measured = Callable[[str], None]


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Measured:
    """Notes something measured, for the closing lines."""
    return lambda line: record_property("measured", line)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect what the table shows, wherever the test ran."""
    if report.when == "call" or report.outcome != "passed":
        word = {"passed": "passed", "failed": "FAILED", "skipped": "NOT DONE"}[report.outcome]
        if report.outcome == "skipped" and "does not apply" in str(report.longrepr):
            word = "does not apply"
        what, _, parameter = report.nodeid.rpartition("::")[2].partition("[")
        what, parameter = what.removeprefix("test_").replace("_", " "), parameter.partition("]")[0]
        suite = Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_")
        if suite in ("conversing", "publishing"):  # one suite for all networks that can be answered
            suite, parameter = parameter, ""
        RESULTS.append((suite, f"{what}: {parameter}" if parameter else what, word))
        FIGURES.extend(str(value) for name, value in report.user_properties if name == "measured")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Network × what × passed, what was measured, and why a server is missing."""
    if not RESULTS:
        return
    terminalreporter.section("networks")
    rows = sorted(set(RESULTS))
    widths = [max(len(row[place]) for row in rows) for place in range(2)]
    for network, what, word in rows:
        terminalreporter.write_line(f"{network:<{widths[0]}}  {what:<{widths[1]}}  {word}")
    for line in sorted(FIGURES):
        terminalreporter.write_line(line)
    problems = json.loads((Path(FOLDER) / "installed.json").read_text())
    for name, problem in problems.items():
        if problem:
            terminalreporter.write_line(f"NOT DONE: {name} could not be installed: {problem}")
    words = Counter(word for _, _, word in rows)
    terminalreporter.write_line(", ".join(f"{count} {word}" for word, count in sorted(words.items())))
