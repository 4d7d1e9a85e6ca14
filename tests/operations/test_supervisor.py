"""The supervisor with small processes of its own: what it starts anew, how it ends them, what it leaves behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from choir.operations.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]
SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
)
SUPERVISE = """
import sys
from choir.operations.supervisor import Child, Supervisor
program = "from choir.operations.supervised import end_with_supervisor as e; e(); import time; time.sleep(60)"
child = Child("child", (sys.executable, "-c", program))
with Supervisor([child]).watching() as supervisor:
    supervisor.run(until=lambda: child.is_running)
    print('child', child.process.pid, flush=True)
    supervisor.run()
"""


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def pid_of(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def test_a_killed_process_is_started_anew_at_once() -> None:
    child = Child("child", SLEEP)
    with Supervisor([child]).watching() as supervisor:
        supervisor.run(until=lambda: child.is_running)
        first = pid_of(child)
        os.kill(first, signal.SIGKILL)
        supervisor.run(until=lambda: child.crashes == 1 and child.is_running)
        second = pid_of(child)
    assert second != first
    assert ended(first)
    assert ended(second)


def test_pauses_grow_while_it_keeps_crashing_up_to_half_a_minute() -> None:
    child = Child("child", SLEEP)
    pauses = []
    for crashes in range(1, 9):
        child.crashes = crashes
        pauses.append(child.pause_seconds())
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30]


def test_a_crashing_process_is_not_started_in_its_pause() -> None:
    child = Child("child", (sys.executable, "-c", "raise SystemExit(3)"))
    with Supervisor([child]).watching() as supervisor:
        supervisor.run(until=lambda: child.crashes == 2)
        began = time.monotonic()
        supervisor.run(until=lambda: child.crashes == 3)
    assert time.monotonic() - began >= 0.9


def test_processes_end_in_the_order_they_are_listed_in(tmp_path: Path) -> None:
    tell = (
        "import signal, sys, time\n"
        "def end(*_):\n    open(sys.argv[1], 'a').write(sys.argv[2] + ' '); raise SystemExit\n"
        "signal.signal(signal.SIGTERM, end)\nopen(sys.argv[1] + sys.argv[2], 'w')\ntime.sleep(60)"
    )
    names = ["web", "worker"]
    children = [Child(name, (sys.executable, "-c", tell, str(tmp_path / "told"), name)) for name in names]
    with Supervisor(children).watching() as supervisor:
        supervisor.run(until=lambda: all((tmp_path / f"told{name}").exists() for name in names))
    assert (tmp_path / "told").read_text().split() == names


def test_one_that_does_not_end_is_killed_after_its_time(tmp_path: Path) -> None:
    child = Child("child", STUBBORN, stop_seconds=0.5, output=tmp_path / "log")
    with Supervisor([child]).watching() as supervisor:
        supervisor.run(until=lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text() == "ready\n")
        pid, began = pid_of(child), time.monotonic()
    assert time.monotonic() - began < 5
    assert ended(pid)


def test_a_second_wish_to_stop_does_not_wait(tmp_path: Path) -> None:
    child = Child("child", STUBBORN, stop_seconds=60, output=tmp_path / "log")
    with Supervisor([child]).watching() as supervisor:
        supervisor.run(until=lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text() == "ready\n")
        os.kill(os.getpid(), signal.SIGINT)
        assert supervisor.run() is False
        pid, began = pid_of(child), time.monotonic()
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
    assert time.monotonic() - began < 10
    assert ended(pid)


def test_its_processes_end_when_the_supervisor_is_killed() -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISE], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert supervisor.stdout is not None
    pid = next(int(line.split()[1]) for line in supervisor.stdout if line.startswith("child "))
    time.sleep(1)  # the child imports
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    assert wait_for(lambda: ended(pid))


def test_a_failure_inside_leaves_no_process_behind() -> None:
    child = Child("child", SLEEP)
    pid = 0
    try:
        with Supervisor([child]).watching() as supervisor:
            supervisor.run(until=lambda: child.is_running)
            pid = pid_of(child)
            raise RuntimeError("anything")
    except RuntimeError:
        pass
    assert ended(pid)
