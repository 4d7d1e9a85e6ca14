"""`bin/demo --check`: one message's whole way, walked from outside as a customer and an agent would, over HTTP alone.

Two times are measured, once the workers have taken a first post: from sending the customer's post until it stands in
the list of the department that owns it; and from the end of the seconds in which an answer can be taken back until
the answer stands on the network's page. Both clocks are this machine's: a demo elsewhere must keep the same time.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from choir.demo.pages import Form, Page

NETWORK = "/sandbox/bluesky/"
AGENT = "callum.reid@brindlewick.example"  # operations, who own care about delivery
POST = "My parcel is late. It was due on Tuesday, the driver never came, and nobody tells me where it is."
ANSWER = "Hello, Callum from deliveries: your parcel is on tomorrow's van, between ten and twelve."
INBOX = "/w/brindlewick/inbox/?view=department"
PATIENCE_SECONDS = 30.0
WORKERS_START_SECONDS = 120.0
PAUSE_SECONDS = 0.02


class StepFailed(Exception):
    """A step of the way did not work out; the text says why."""


@dataclass
class Walk:
    """Where the walk is: the step under way."""

    step: str = "start"

    @contextmanager
    def on(self, step: str) -> Iterator[None]:
        """Be on a step, so that a failure is told with its name."""
        self.step = step
        try:
            yield
        except httpx.HTTPError as error:
            raise StepFailed(f"The server did not answer ({type(error).__name__}).") from error


def main(base_url: str) -> int:
    """Walk the way once against a running demo; print one JSON line; 0 when every step held, else 1."""
    walk = Walk()
    try:
        found: dict[str, object] = {"ok": True, **measured(base_url, walk)}
    except StepFailed as failure:
        found = {"ok": False, "step": walk.step, "because": str(failure)}
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    return 0 if found["ok"] else 1


def measured(base_url: str, walk: Walk) -> dict[str, int]:
    """Walk the way; the times in milliseconds. Raises StepFailed."""
    mark = secrets.token_hex(3)
    answer = f"{ANSWER} ({mark})"
    with client(base_url) as outside, client(base_url) as inside:
        with walk.on("sign in with one click as an agent"):
            sign_in(inside)
        with walk.on("open the sandbox network's page"):
            composer = wanted(opened(outside, NETWORK).form_with("name", "text", "company"))
        with walk.on("see the workers begin"):  # they may still be starting: the first post is not measured
            began_at = post(outside, composer, f"First {mark}")
            _, ready_at = appears(inside, f"First {mark}", patience=WORKERS_START_SECONDS)
        with walk.on("post as a customer"):
            posted_at = post(outside, composer, f"Check {mark}")
        with walk.on("find the post in the right department's inbox"):
            address, in_inbox_at = appears(inside, f"Check {mark}", patience=PATIENCE_SECONDS)
        with walk.on("answer it in the inbox"):
            reply = wanted(opened(inside, address).form_with("revision", "text"))
            sent_at = time.time()
            page = submit(inside, reply, text=answer, kind="reply", then="")
            if not page.says(answer):
                raise StepFailed("The conversation does not show the answer after sending it.")
            leaves_at = moment(page.leaves_at) if page.leaves_at else sent_at
        with walk.on("see the answer on the sandbox network's page"):
            patience = PATIENCE_SECONDS + leaves_at - sent_at
            until(lambda: opened(outside, NETWORK).says(answer), patience=patience)
            on_network_at = time.time()
    return {
        "post_to_inbox_ms": milliseconds(in_inbox_at - posted_at),
        "reply_to_network_ms": milliseconds(on_network_at - leaves_at),
        "undo_ms": milliseconds(leaves_at - sent_at),
        "first_post_to_inbox_ms": milliseconds(ready_at - began_at),
    }


def post(outside: httpx.Client, composer: Form, customer: str) -> float:
    """Say something to the company as a customer; when it was sent."""
    posted_at = time.monotonic()
    submit(outside, composer, name=customer, kind="post", stars="", text=POST)
    return posted_at


def client(base_url: str) -> httpx.Client:
    """A browser of its own, with its own cookies."""
    return httpx.Client(base_url=base_url, follow_redirects=True, timeout=15, trust_env=False)


def sign_in(inside: httpx.Client) -> None:
    """The button of the agent on the sign-in page."""
    page = opened(inside, "/")
    submit(inside, wanted(next((form for form in page.forms if ("email", AGENT) in form.buttons), None)), email=AGENT)
    if urljoin(str(inside.base_url), INBOX) != str(inside.get(INBOX).url):
        raise StepFailed(f"Signing in as {AGENT} does not lead to the inbox.")


def wanted(form: Form | None) -> Form:
    """The form that was looked for. Raises StepFailed."""
    if form is None:
        raise StepFailed("The page has no such form. Has the demo company been removed?")
    return form


def opened(browser: httpx.Client, address: str) -> Page:
    """A page. Raises StepFailed where there is none."""
    return read(browser.get(address))


def submit(browser: httpx.Client, form: Form, **typed: str) -> Page:
    """Fill in a form and send it, as a browser does."""
    came_from = {"Referer": str(browser.base_url)}
    return read(browser.post(form.action, data=form.fields | typed, headers=came_from))


def read(response: httpx.Response) -> Page:
    """What came back, if it is a page."""
    if response.is_error:
        said = " ".join(" ".join(Page(response.text).words).split())[:200]
        raise StepFailed(f"{response.request.url.path} answered {response.status_code}: {said}")
    return Page(response.text)


def appears(inside: httpx.Client, customer: str, *, patience: float) -> tuple[str, float]:
    """Wait for the customer's conversation in the department's list; its address, and when it stood there."""
    found: list[str] = []

    def listed() -> bool:
        link = opened(inside, INBOX).link_saying(customer)
        found.extend([link.address] if link else [])
        return link is not None

    until(listed, patience=patience)
    return found[0], time.monotonic()


def until(holds: Callable[[], bool], *, patience: float) -> None:
    """Look again and again. Raises StepFailed when it takes longer than `patience`, in seconds."""
    give_up_at = time.monotonic() + patience
    while not holds():
        if time.monotonic() > give_up_at:
            raise StepFailed(f"Not within {patience:.0f} seconds. Do the workers run? `choir doctor` says more.")
        time.sleep(PAUSE_SECONDS)


def moment(stated: str) -> float:
    """A stated time in seconds."""
    return dt.datetime.fromisoformat(stated).timestamp()


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, never less than none."""
    return max(0, round(seconds * 1000))
