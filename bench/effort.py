"""Processor time: what work costs, whoever else is on the machine. A wall clock on a shared machine says little."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.figures import say


@dataclass
class Effort:
    """What a stretch of work took: seconds by the clock, processor seconds here and of the database's server."""

    wall: float = 0.0
    python: float = 0.0
    database: float = 0.0


@contextmanager
def measured() -> Iterator[Effort]:
    """The effort of what is done within, filled in at its end."""
    effort = Effort(time.perf_counter(), time.process_time(), of_database())
    yield effort
    effort.wall = time.perf_counter() - effort.wall
    effort.python = time.process_time() - effort.python
    effort.database = of_database() - effort.database


def of_database() -> float:
    """Processor seconds of the database's server so far, ended connections included."""
    folder = Path(os.environ["CHOIR_DATA"]) / "database"
    server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    own = server.cpu_times()
    seconds = own.user + own.system + own.children_user + own.children_system
    return seconds + sum(of_process(child) for child in server.children())


def of_process(process: psutil.Process) -> float:
    """Processor seconds of one process so far; none of one that is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def say_effort(name: str, effort: Effort, count: int) -> None:
    """What one of so many took, in microseconds of a processor."""
    each = 1_000_000 / count
    spent = f"{effort.python * each:,.0f} + {effort.database * each:,.0f} µs"
    say(f"{name}, processor time a message", spent, "Choir + database")
