"""A server that streams: the product's own ASGI application under uvicorn, on the test's database."""

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from django.conf import settings as django_settings
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect

from choir.web.handler import Handler
from tests.cast import PASSWORD, Cast, cast

START_SECONDS = 60

expect.set_options(timeout=30_000)  # a machine that has much else to do is slow, not wrong


@pytest.fixture
def company(transactional_db: None) -> Cast:
    """The cast, committed, so that the server's threads see it."""
    return cast()


@pytest.fixture
def served(company: Cast) -> Iterator[str]:
    """The address of the running product."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    allowed = django_settings.ALLOWED_HOSTS
    application = Handler()
    server = uvicorn.Server(
        uvicorn.Config(application, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + START_SECONDS
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started
    django_settings.ALLOWED_HOSTS = [*allowed, "127.0.0.1"]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    server.force_exit = True
    thread.join(10)
    application.end()
    django_settings.ALLOWED_HOSTS = allowed
    connections.close_all()


class Desk:
    """Somebody's window on the product."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, name: str) -> "Desk":
        """By password."""
        self.page.goto(f"{self.address}/accounts/login/")
        self.page.locator("input[name=login]").fill(f"{name}@acme.example")
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("input[name=password]").press("Enter")
        self.page.wait_for_url(lambda url: "login" not in url)
        return self

    def go(self, path: str) -> Page:
        """Open a page and wait until it listens."""
        self.page.goto(self.address + path)
        return self.page


@pytest.fixture
def desks(browser: Browser, served: str) -> Iterator["Desks"]:
    """Windows for as many people as a test needs."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    made = Desks(browser, served)
    yield made
    made.close()
    assert made.complaints == []


class Desks:
    """Opens windows, each with its own session."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []
        self.opened: list[Desk] = []

    def of(
        self, name: str, *, width: int = 1366, height: int = 768, theme: str = "light", scripts: bool = True
    ) -> Desk:
        """Somebody signed in, in a window of this size."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        self.contexts.append(context)
        desk = Desk(context, self.address)
        self.opened.append(desk)
        return desk.sign_in(name)

    @property
    def complaints(self) -> list[str]:
        """Errors that scripts raised in any window."""
        return [complaint for desk in self.opened for complaint in desk.complaints]

    def close(self) -> None:
        """Close every window."""
        for context in self.contexts:
            context.close()
