"""The tie between the supervisor and a process it started: when the supervisor is gone, the process ends.

The supervisor holds the writing end of a pipe and never writes. The kernel closes it however the supervisor
ends, and the process that reads it learns of it.
"""

import os
import signal
import threading
import time

VARIABLE = "CHOIR_SUPERVISED_BY"
GRACE_SECONDS = 10


def end_with_supervisor() -> None:
    """Watch the pipe that the supervisor named, if this process has one; end in order when it closes."""
    descriptor = os.environ.pop(VARIABLE, None)
    if descriptor is not None:
        threading.Thread(target=_watch, args=[int(descriptor)], daemon=True, name="supervisor-watch").start()


def _watch(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
