"""One connection to PostgreSQL that listens for this process, and the fan-out to everybody who waits.

A notice says which conversation changed and who may hear of it, never what was said; a page that hears one asks for
the changed part itself. A page that misses some (its queue was full, the connection broke) is told to look again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import structlog
from django.db import connections

from choir.inbox.live import CHANNEL

log = structlog.get_logger()

WAITING_NOTICES = 500
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 10.0
LOOK_AGAIN: dict[str, str] = {"what": "again"}

Notice = dict[str, str]


class Listener:
    """Listens as long as somebody waits. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Queue[Notice]] = set()
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def waiting(self) -> AsyncIterator[asyncio.Queue[Notice]]:
        """A queue that gets every notice from now on."""
        queue: asyncio.Queue[Notice] = asyncio.Queue(WAITING_NOTICES)
        self._waiting.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        try:
            yield queue
        finally:
            self._waiting.discard(queue)
            if not self._waiting and self._task is not None:
                self._task.cancel()
                self._task = None

    def _tell(self, notice: Notice) -> None:
        for queue in self._waiting:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(LOOK_AGAIN)
            else:
                queue.put_nowait(notice)

    async def _listen(self) -> None:
        pause, missed = FIRST_PAUSE_SECONDS, False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if missed:
                        self._tell(LOOK_AGAIN)
                    pause = FIRST_PAUSE_SECONDS
                    async for notify in connection.notifies():
                        if notice := _understood(notify.payload):
                            self._tell(notice)
            except psycopg.OperationalError as error:
                log.warning("live.connection_lost", error=str(error).strip(), again_in_seconds=round(pause, 1))
            missed = True
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 -- spreads reconnects, keeps no secret
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


_listeners: dict[int, Listener] = {}


def listener() -> Listener:
    """The running event loop's listener."""
    return _listeners.setdefault(id(asyncio.get_running_loop()), Listener())


def _parameters() -> dict[str, Any]:
    """How Django reaches its database, without what only a pool understands."""
    stated = connections["default"].get_connection_params()
    return {name: value for name, value in stated.items() if name in PARAMETERS}


PARAMETERS = {"dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "options"}


def _understood(payload: str) -> Notice | None:
    try:
        notice = json.loads(payload)
    except ValueError:
        return None
    return {str(key): str(value) for key, value in notice.items()} if isinstance(notice, dict) else None
