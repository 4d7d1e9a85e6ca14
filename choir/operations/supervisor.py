"""Keeps a set of processes running, and ends them in order: what `choir up` is made of.

One thread, no event loop: it sleeps until a signal or a tick, looks after each process, sleeps again. A
process that ends is started anew, at once the first time, then after longer and longer pauses.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from types import FrameType

import structlog

from choir.operations.supervised import VARIABLE

TICK_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A process that ran this long has proved itself: its next end counts as the first."""

log = structlog.get_logger()


@dataclass
class Child:
    """One process to keep running. `stop_seconds` is how long it may take to end in order."""

    name: str
    command: Sequence[str]
    stop_seconds: float = 5.0
    descriptors: tuple[int, ...] = ()
    output: Path | None = None
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    crashes: int = 0
    due_at: float = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def pause_seconds(self) -> float:
        """How long to wait before the next start: 0, 1, 2, 4… seconds after the 1st, 2nd, 3rd… crash in a
        row."""
        return 0.0 if self.crashes <= 1 else min(2.0 ** (self.crashes - 2), LONGEST_PAUSE_SECONDS)


@dataclass
class Supervisor:
    """Runs `children` until told to stop. `each_tick` looks after what is no child of ours: the database."""

    children: list[Child]
    each_tick: Callable[[], None] = lambda: None
    stop_wanted: int = 0
    _pipe: tuple[int, int] = field(default=(-1, -1), init=False)
    _wake: tuple[int, int] = field(default=(-1, -1), init=False)

    @contextmanager
    def watching(self) -> Iterator["Supervisor"]:
        """Signals count as the wish to stop, and children hang on this process, for as long as the block
        runs; whatever happens in it, no child is left behind."""
        self._pipe, self._wake = os.pipe(), os.pipe()
        os.set_blocking(self._wake[1], False)
        kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {kind: signal.signal(kind, self._note) for kind in kinds}
        wakeup = signal.set_wakeup_fd(self._wake[1])
        try:
            yield self
        finally:
            self.stop()
            signal.set_wakeup_fd(wakeup)
            for kind, previous in before.items():
                signal.signal(kind, previous)
            for descriptor in (*self._pipe, *self._wake):
                os.close(descriptor)

    def run(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Keep the children running until a stop is wanted (False) or `until` holds (True)."""
        while not self.stop_wanted:
            for child in self.children:
                self._look_after(child)
            self.each_tick()
            if until():
                return True
            self._sleep(TICK_SECONDS)
        return False

    def stop(self) -> None:
        """End the children in the order they are listed in; those of one name together. A second wish to stop
        kills what still runs."""
        for name in dict.fromkeys(child.name for child in self.children):
            group = [child for child in self.children if child.name == name and child.is_running]
            self._end(group)
        for child in self.children:
            child.process = None

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.stop_wanted += 1

    def _sleep(self, seconds: float) -> None:
        ready, _, _ = select([self._wake[0]], [], [], seconds)
        if ready:
            os.read(self._wake[0], 512)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.is_running:
            if child.crashes and now - child.started_at > STEADY_SECONDS:
                child.crashes = 0
            return
        if child.process is not None:
            child.crashes += 1
            child.due_at = now + child.pause_seconds()
            log.warning(
                "process.ended",
                process=child.name,
                code=child.process.returncode,
                again_in_seconds=child.pause_seconds(),
            )
            child.process = None
        if now >= child.due_at:
            self._start(child)

    def _start(self, child: Child) -> None:
        output = child.output.open("ab") if child.output else None
        try:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | {VARIABLE: str(self._pipe[0])},
                pass_fds=(self._pipe[0], *child.descriptors),
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone, which orders the end
            )
        finally:
            if output:
                output.close()
        child.started_at = time.monotonic()
        log.info("process.started", process=child.name, pid=child.process.pid)

    def _end(self, group: list[Child]) -> None:
        for child in group:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + max((child.stop_seconds for child in group), default=0)
        while any(child.is_running for child in group):
            if self.stop_wanted > 1 or time.monotonic() > deadline:
                for child in group:
                    _signal(child, signal.SIGKILL)
            self._sleep(0.05)
        for child in group:
            log.info("process.stopped", process=child.name)


def _signal(child: Child, kind: signal.Signals) -> None:
    """Send `kind` to the child; a killing one to whatever it started, too."""
    if child.process is None:
        return
    with suppress(ProcessLookupError):
        if kind is signal.SIGKILL:
            os.killpg(child.process.pid, kind)
        else:
            child.process.send_signal(kind)
