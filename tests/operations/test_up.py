"""`choir up` as an operator meets it: real processes, killed one after the other, and a clean end."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from choir.installation import postgres
from choir.installation.home import Home
from tests.thoroughness import IS_LONG

CHOIR_UP = (sys.executable, "-m", "choir.operations", "up")
ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Running:
    """A `choir up` in a process of its own."""

    def __init__(self, home: Home, port: int) -> None:
        self.home, self.port = home, port
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.output = home.path.parent / "up.output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*CHOIR_UP, "--port", str(port), "--log-files", "--data", home.path],
                cwd=ROOT, env=environment | {"CHOIR_WEB_PROCESSES": "1"}, stdout=output, stderr=output,
            )  # fmt: skip

    def child(self, word: str) -> psutil.Process | None:
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # a zombie has no command line
                if word in child.cmdline():
                    return child
        return None

    def answers(self) -> bool:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
                connection.request("GET", "/accounts/login/")
                return connection.getresponse().status == 200
        except OSError:
            return False


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@contextmanager
def running(home: Home) -> Iterator[Running]:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = int(probe.getsockname()[1])
    up = Running(home, port)
    try:
        assert wait_for(lambda: "Choir is at" in up.output.read_text()), up.output.read_text()
        yield up
    finally:
        up.process.kill() if up.process.poll() is None else None
        up.process.wait()


def kill_and_wait_for_another(up: Running, word: str) -> None:
    assert wait_for(lambda: up.child(word) is not None)
    victim = up.child(word)
    assert victim is not None
    victim.kill()
    assert wait_for(lambda: up.child(word) not in (None, victim))


def is_alive(process: psutil.Process) -> bool:
    """Whether it still does anything: one that ended and waits for its new parent to notice does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_every_process_that_is_killed_comes_back_and_the_end_is_clean(home: Home) -> None:
    with running(home) as up:
        assert up.answers()
        for word in ("serve", "worker"):
            kill_and_wait_for_another(up, word)
        assert wait_for(up.answers)
        postmaster = int((home.database / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        assert wait_for(lambda: postgres.is_running(home))
        assert wait_for(up.answers)
        children = psutil.Process(up.process.pid).children(recursive=True)
        began = time.monotonic()
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(60) == 0
        assert time.monotonic() - began < 20
    assert not postgres.is_running(home)
    _, left = psutil.wait_procs(children, timeout=5)
    assert [one for one in left if is_alive(one)] == []


@pytest.mark.skipif(not IS_LONG, reason="takes half a minute; bin/test-faults does it")
def test_when_the_supervisor_is_killed_nothing_stays_but_the_database_which_the_next_start_takes_over(
    home: Home,
) -> None:
    with running(home) as up:
        children = [child for word in ("serve", "worker") if (child := up.child(word)) is not None]
        up.process.kill()
        up.process.wait()
        _, left = psutil.wait_procs(children, timeout=20)
        assert [one for one in left if is_alive(one)] == []
    with running(home) as again:
        assert again.answers()
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(60) == 0
    assert not postgres.is_running(home)


def test_a_port_that_is_taken_is_one_sentence(home: Home) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        answer = subprocess.run(
            [*CHOIR_UP, "--port", port, "--data", home.path],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert answer.returncode == 1
    assert answer.stderr == (
        f"choir: Choir cannot listen on 127.0.0.1, port {port} (Address already in use); stop what uses the port, "
        "or choose another with --port.\n"
    )
    assert not home.database.exists()
