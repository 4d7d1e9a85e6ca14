"""Pages: the cast, and a browser's view of who is signed in."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, cast

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


@pytest.fixture
def company(db: None) -> Cast:
    """The fixed cast."""
    return cast()


@pytest.fixture
def as_ana(company: Cast, client: Client) -> Client:
    """A browser in which Ana, agent in customer service, is signed in."""
    client.force_login(company.ana)
    return client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, quiet and alone."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the tests' own thread
    with sync_playwright() as playwright:
        path = next((place for place in CHROMIUM if Path(place).exists()), None)
        launched = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield launched
        launched.close()
        connections.close_all()  # those opened while Playwright's loop ran, which nobody else would find


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A window of 1366 × 768 on the live server; anything it complains of on its console fails the test."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1366, "height": 768}, reduced_motion="reduce"
    )
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.extend([message.text] if message.type == "error" else []))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []
