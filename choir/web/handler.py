"""How a request becomes a page.

Every middleware and every page is written without `async`. Django's handler for ASGI would go back and forth between
the event loop and a thread that is new for each request, with a database connection set up anew in each; that costs a
third of a page. Here a page is made from beginning to end in one of a few threads that stay and keep their connections,
and the event loop does what it is good at: receiving, sending, and keeping live streams open.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast
from weakref import WeakSet

from asgiref.sync import sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

THREADS = 8  # pages made at once in a process; each may wait for the database or for a network
NAME = "page"
kept: WeakSet[BaseDatabaseWrapper] = WeakSet()


def _keep(connection: BaseDatabaseWrapper, **_rest: Any) -> None:
    """A page's thread keeps its connection, which is looked at before each page; others give theirs back."""
    if threading.current_thread().name.startswith(NAME):
        connection.close_at = None
        kept.add(connection)


connection_created.connect(_keep)


class Handler(ASGIHandler):
    """The application that the web server calls."""

    def __init__(self) -> None:
        super().__init__()
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix=NAME)

    def load_middleware(self, is_async: bool = False) -> None:
        """The chain of middleware, none of it asynchronous."""
        super().load_middleware(is_async=False)

    async def handle(self, scope: Message, receive: Receive, send: Send) -> None:
        """Receive one request, answer it."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            work = contextvars.copy_context().run
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(self.threads, work, self._page, scope, body)
            if response.streaming:
                await self._streamed(response, receive, send)
            else:
                await self.send_response(response, send)

    def end(self) -> None:
        """Make no more pages, and give the connections back: for whoever goes on in this process without it."""
        self.threads.shutdown()
        for connection in list(kept):
            connection.inc_thread_sharing()  # its thread is gone
            connection.close()
            kept.discard(connection)

    def _page(self, scope: Message, body: IO[bytes]) -> HttpResponseBase:
        """The answer to a request. Whole ones are finished with, so that their connection is free again."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = cast(HttpResponseBase, refusal if request is None else self.get_response(request))
        response._handler_class = self.__class__  # type: ignore[attr-defined]  # as Django's handlers do
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if response.streaming:
            close_old_connections()
        else:
            response.close()
        return response

    async def _streamed(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Send an answer that comes bit by bit, until it ends or nobody listens any more."""
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        sending = asyncio.create_task(self.send_response(response, send))
        try:
            await asyncio.wait([leaving, sending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (leaving, sending):
                task.cancel()
            told = await asyncio.gather(leaving, sending, return_exceptions=True)
            await sync_to_async(response.close)()
        if isinstance(told[1], Exception):
            raise told[1]
