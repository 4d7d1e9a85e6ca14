"""Suites against servers nobody here wrote. `bin/test-networks` installs and names them (CHOIR_NETWORKS); the ordinary
test run passes them by. What could not be installed is said in the closing table, not passed over in silence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
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


def measured(line: str) -> None:
    """Note something measured, for the closing lines."""
    FIGURES.append(line)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Collect what the table shows."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.when == "call" or report.outcome != "passed":
        network = item.callspec.params.get("network", item.path.stem) if hasattr(item, "callspec") else item.path.stem
        word = {"passed": "passed", "failed": "FAILED", "skipped": "NOT DONE"}[report.outcome]
        what = item.originalname if isinstance(item, pytest.Function) else item.name
        RESULTS.append((str(network), str(what).removeprefix("test_").replace("_", " "), word))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Network × what × passed."""
    if not RESULTS:
        return
    terminalreporter.section("networks")
    width = max(len(what) for _, what, _ in RESULTS)
    for network, what, word in RESULTS:
        terminalreporter.write_line(f"{network:<12} {what:<{width}}  {word}")
    for line in FIGURES:
        terminalreporter.write_line(line)
