"""The check from outside: it says which step failed and why, and reads pages as a browser does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from choir.demo.check import AGENT, main
from choir.demo.pages import Page

SIGN_IN = f"""<form action="/accounts/login/"><input name="login"></form>
<form action="/demo-sign-in" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="t">
<button name="email" value="{AGENT}">Callum</button></form>"""


class Half(BaseHTTPRequestHandler):
    """A server that lets people sign in, and has no sandbox network."""

    def do_GET(self) -> None:
        """The sign-in page, the inbox, and nothing else."""
        is_there = self.path == "/" or self.path.startswith("/w/")
        self._answer(200 if is_there else 404, SIGN_IN if is_there else "<h1>Nothing here</h1>")

    def do_POST(self) -> None:
        """Anybody is let in."""
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(200, "<p>Welcome</p>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, page: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(page.encode())


@pytest.fixture
def half() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Half)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


def test_names_the_step_that_failed(half: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(half) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert told["step"] == "open the sandbox network's page"
    assert told["because"] == "/sandbox/bluesky/ answered 404: Nothing here"


def test_says_that_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("http://127.0.0.1:9") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["step"] == "sign in with one click as an agent"
    assert "did not answer" in told["because"]


def test_a_page_is_read_with_its_forms_links_and_words() -> None:
    page = Page(
        '<a href="/c/1"> Check&nbsp;1 </a><script>no()</script><form action="/reply"><input name="revision" value="3">'
        '<input type="radio" name="kind" value="note"><input type="radio" name="kind" value="reply" checked>'
        '<textarea name="text"></textarea><button name="then" value="resolve">Send</button></form>'
        '<p>Leaves <undo-countdown until="2026-03-04T12:00:00+00:00">soon</undo-countdown></p>'
    )
    form = page.form_with("revision", "text")
    assert form is not None
    assert form.action == "/reply"
    assert form.fields == {"revision": "3", "kind": "reply", "text": ""}
    assert form.buttons == [("then", "resolve")]
    link = page.link_saying("Check\xa01")
    assert link is not None
    assert link.address == "/c/1"
    assert page.says("Leaves soon")
    assert not page.says("no()")
    assert page.leaves_at == "2026-03-04T12:00:00+00:00"
