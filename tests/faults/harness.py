"""Starting processes of this folder on the test's database, and killing them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def process(module: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of this folder, on the test's database, killed at the end."""
    environment = os.environ | {"DATABASE_URL": database_url()}
    command = [sys.executable, "-m", f"tests.faults.{module}", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def database_url() -> str:
    """The test's own database, for other processes."""
    at = connection.settings_dict
    who = f"{quote(at['USER'], safe='')}:{quote(at['PASSWORD'], safe='')}"
    return f"postgresql://{who}@/{at['NAME']}?host={quote(str(at['HOST']), safe='')}&port={at['PORT'] or 5432}"


def line_of(running: "subprocess.Popen[str]") -> str:
    """The next line a process prints."""
    assert running.stdout is not None
    line = running.stdout.readline().strip()
    assert line, "the process died before it said anything"
    return line


def start(workers: "subprocess.Popen[str]", death: str) -> int:
    """Start one worker; its process id."""
    assert workers.stdin is not None
    workers.stdin.write(f"{death}\n")
    return int(line_of(workers))


def arm(port: int, pid: int, moment: str) -> None:
    """Have the network kill this worker at a moment of its next call."""
    body = json.dumps({"pid": pid, "moment": moment}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/moment", body, timeout=5):
        pass


def kill(pid: int) -> None:
    """SIGKILL, if it still lives."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_until_dead(pid: int, *, seconds: float) -> bool:
    """Whether the process died within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.005)
    return False
