"""Long arithmetic beside live work: in a thread of its own, which the system serves last."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from choir.triage.encoder import one_thread

LOW = 15  # niceness: live work on the same core comes first

Made = TypeVar("Made")


def gently(work: Callable[[], Made]) -> Made:
    """What `work` returns or raises. It must not touch the database: connections belong to the calling thread."""
    future: Future[Made] = Future()

    def run() -> None:
        # On Linux a thread has a priority of its own; elsewhere the work is merely not hurried.
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW)
        try:
            with one_thread():
                future.set_result(work())
        except BaseException as error:  # noqa: BLE001 -- raised again in the calling thread
            future.set_exception(error)

    thread = threading.Thread(target=run, name="gently", daemon=True)
    thread.start()
    return future.result()


def at_once(work: Callable[[], Made]) -> Made:
    """What `work` returns or raises, where nothing live is beside it."""
    with one_thread():
        return work()
