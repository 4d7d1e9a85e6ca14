"""Whatever is typed, every form has an answer: the page again with what is wrong, never an error of ours.

Forms and what they ask for are read from the pages themselves, so that a new one is tried without being named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.test import Client

from choir.people.models import Person
from tests.cast import Cast
from tests.thoroughness import PAGE_STEP
from tests.web.test_every_page import everybody, pages, rows_of

__all__ = ["everybody"]

pytestmark = pytest.mark.timeout(900)
ODD = {
    "nul": "a\0b",
    "control": "\x01\x02\x1b[31m\u202egnp.exe\u2028\ufeff\ufffe",
    "long": "word " * 30_000,
    "one word": "W" * 150_000,
    "markup": "<script>alert(1)</script>{{ 7|add:7 }}{% now %}&#0;",
    "scripts": "नमस्ते 你好 مرحبا 🏳️‍🌈 Ω̷̛̥ e\u0301",
    "number": "99999999999999999999999999",
    "blank": " \t\r\n ",
    "quotes": "'; DROP TABLE x; -- \" \\ %s %(a)s {0}",
}
KINDS_STEP = min(PAGE_STEP, 3)
TYPED = {"text", "search", "email", "url", "number", "date", "datetime-local", "time", "password", "hidden", "tel"}


@dataclass
class Form:
    """A form as a page has it: where it goes, how, and its fields with what stands in them."""

    action: str
    is_post: bool
    given: dict[str, list[str]] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)

    def filled(self, odd: str) -> dict[str, list[str]]:
        """What is sent when somebody types the odd text wherever they can; secrets of the form stay."""
        kept = {name: values for name, values in self.given.items() if name not in self.typed}
        return kept | {name: [odd] for name in self.typed if name != "csrfmiddlewaretoken"}


class Reader(HTMLParser):
    """The forms of a page."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens a form, or adds a field to the open one."""
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.path, has.get("action", "") or self.path)
            self._form = Form(action, has.get("method", "get").lower() == "post")
            self.forms.append(self._form)
        elif self._form is not None and has.get("name"):
            self._field(tag, has)
        elif self._form is not None and tag == "option" and self._select and "value" in has:
            values = self._form.given.setdefault(self._select, [])
            if "selected" in has or not values:
                values[:] = [has["value"]]

    def _field(self, tag: str, has: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = has["name"], has.get("type", "text")
        self._select = name if tag == "select" else ""
        if tag == "textarea" or (tag == "input" and kind in TYPED):
            self._form.typed.add(name)
        elif tag in {"input", "button"} and kind not in {"file", "image"}:
            self._form.given.setdefault(name, [has.get("value", "on")])

    def handle_endtag(self, tag: str) -> None:
        """Closes a form."""
        if tag == "form":
            self._form = None


def forms_of(client: Client, paths: list[str]) -> Iterator[Form]:
    """Every form of these pages once."""
    known = set()
    for path in paths:
        answer = client.get(path)
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        reader = Reader(path)
        reader.feed(answer.content.decode())
        for form in reader.forms:
            if (key := (urlsplit(form.action).path, form.is_post, tuple(sorted(form.typed)))) not in known:
                known.add(key)
                yield form


def sent(client: Client, form: Form, odd: str) -> int:
    """The answer's status; what it changed is taken back."""
    with transaction.atomic():
        try:
            send = client.post if form.is_post else client.get
            return send(form.action, form.filled(odd)).status_code
        finally:
            transaction.set_rollback(True)


def test_whatever_is_typed_into_any_form_has_an_answer(company: Cast, everybody: Person) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(everybody)
    looked_at = list(pages(rows_of(company, everybody)))[::PAGE_STEP]
    tried = [one for one in forms_of(client, looked_at) if one.typed]
    failed = [
        f"{kind} at {form.action} ({', '.join(sorted(form.typed))}): {status}"
        for number, form in enumerate(tried)
        for kind, odd in list(ODD.items())[number % KINDS_STEP :: KINDS_STEP]
        if (status := sent(client, form, odd)) >= 500
    ]
    assert failed == []
    assert len(tried) > 40 / PAGE_STEP
