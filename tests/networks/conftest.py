"""Suites against servers nobody here wrote. `bin/test-networks` installs and names them (CHOIR_NETWORKS); the ordinary
test run passes them by. What could not be installed is said in the closing table, not passed over in silence."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = os.environ.get("CHOIR_NETWORKS", "")
collect_ignore_glob = [] if FOLDER else ["test_*"]
RESULTS: list[tuple[str, str, str]] = []
FIGURES: list[str] = []


def installed(name: str) -> Path:
    """Where a server was installed; skips with the reason when it could not be."""
    problem = json.loads((Path(FOLDER) / "installed.json").read_text()).get(name, "nobody asked for it")
    if problem:
        pytest.skip(f"{name} is not installed: {problem}")
    return Path(FOLDER)


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
        if suite == "conversing":  # one suite for all networks that can be answered
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
