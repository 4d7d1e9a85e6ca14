"""Nothing serious stands in anybody's way on any page: axe-core on every page there is, light and dark.

The pages are read from the URL table, so that a new one is looked at without being named here; an address with ids is
filled from rows made here. The pages come from the test's own client, so that nothing has to be committed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route
from pytest_django import Settings

from choir.channels.models import Channel
from choir.executive.models import Brief, Hearing
from choir.inbox.consulting import ask
from choir.installation.beginning import token_to_begin
from choir.knowledge.models import Answer, Macro
from choir.outbound.models import Approval, ApprovalPolicy, Delivery, DeliveryState
from choir.people.models import Person
from choir.people.policy import Role
from choir.routing.models import SLAPolicy
from tests.architecture.test_routes import ROUTES
from tests.cast import NOON, Cast, person
from tests.conversing import opened
from tests.thoroughness import PAGE_STEP
from tests.web.test_in_a_browser import serious

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

OF_ALLAUTH = ("accounts/login/", "accounts/password/reset/", "accounts/2fa/", "accounts/email/", "no/such/page")
NO_PAGE = re.compile(
    r"\.(js|csv|jsonl|parquet|svg|<slug:form>)$|/live/$|api/|/palette$|/rows$|^health$|/answers$|/table$"
)
IDS = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def everybody(company: Cast) -> Person:
    """Somebody who holds every role and so sees everything there is to see."""
    first, *others = Role
    return person("all", company.organisation, first, company.teams["customer_service"], *others)


def rows_of(company: Cast, everybody: Person) -> dict[str, object]:
    """What an address may name: part of the address → value."""
    conversation = opened(company, "Where is my <b>parcel</b>?", assignee=everybody)
    soon = NOON + dt.timedelta(hours=2)
    ask(
        conversation, department=company.departments["legal"], question="May we?", answer_by=soon, by=everybody, at=NOON
    )
    policy = ApprovalPolicy.objects.create(organisation=company.organisation, name="Everything")
    Approval.objects.create(
        workspace=company.workspace, conversation=conversation, policy=policy, author=company.ana, text="Sorry!",
        seen_revision=1, approvers_count=1, asked_at=NOON, expires_at=soon + dt.timedelta(days=9000),
    )  # fmt: skip
    message = conversation.messages.get()
    Delivery.objects.create(
        workspace=company.workspace, channel=company.channel, message=message, key="k", state=DeliveryState.UNSURE,
        due_at=NOON, because="Nobody can tell.", created_at=NOON,
    )  # fmt: skip
    answer = Answer.objects.create(
        organisation=company.organisation, title="Returns", text="Within 30 days.",
        department=company.departments["legal"], owner=everybody,
    )  # fmt: skip
    macro = Macro.objects.create(organisation=company.organisation, name="Sorry", text="We are sorry.")
    brief = Brief.objects.create(
        workspace=company.workspace, first_on=NOON.date(), last_on=NOON.date(), counted_at=NOON, written_at=NOON,
        figures=[], sentences=[], risks=[], waiting=[],
    )  # fmt: skip
    hearing = Hearing.objects.create(
        workspace=company.workspace, brief=brief, conversation=conversation, place=1, facets={"mood": "negative"},
        because=["the only one about care"],
    )  # fmt: skip
    Channel.objects.update(failure="The network did not answer.")
    return {
        "workspace": "acme", "conversation": conversation.pk, "customer": conversation.customer_id,
        "department": company.departments["legal"].pk, "team": company.teams["legal"].pk, "person": company.ana.pk,
        "promise": SLAPolicy.objects.get(name="Now").pk, "policy": policy.pk, "channel": company.channel.pk,
        "answer": answer.pk, "macro": macro.pk, "objective": "care", "metric": "conversations",
        "place": company.channel.external_id, "day": brief.last_on.isoformat(), "hearing": hearing.pk,
    }  # fmt: skip


def pages(known: dict[str, object]) -> Iterator[str]:
    """The addresses of all pages that the known rows fill."""
    for where in sorted(ROUTES):
        names = IDS.findall(where)
        if not NO_PAGE.search(where) and all(name in known for name in names):
            yield "/" + IDS.sub(lambda found: str(known[found[1]]), where)
    yield from (f"/{where}" for where in OF_ALLAUTH)


KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Window:
    """A browser window that is shown what the test's own client was answered, so that nothing has to be committed."""

    def __init__(self, page: Page, client: Client) -> None:
        self.page, self.client = page, client
        self.shown: dict[str, bytes] = {}
        page.context.route("**/*", self._fulfil)

    def _fulfil(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        static = django_settings.STATIC_URL
        file = finders.find(path.removeprefix(static)) if path.startswith(static) else None
        if path in self.shown:
            route.fulfill(body=self.shown[path], content_type="text/html; charset=utf-8")
        elif isinstance(file, str):
            route.fulfill(path=file, content_type=KINDS.get(Path(file).suffix, "application/octet-stream"))
        else:
            route.fulfill(status=204)

    def look(self, path: str) -> list[str] | None:
        """What axe finds on a page, light and dark; None where the address is no whole page."""
        answer = self.client.get(path)
        html = answer["Content-Type"].startswith("text/html") if answer.headers.get("Content-Type") else False
        if answer.status_code not in {200, 404} or not html or b"<html" not in answer.content:
            return None
        self.shown = {path: answer.content}
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.goto(path)
        self.page.add_style_tag(content="* { transition: none !important; }")  # else axe looks while colours change
        found = serious(self.page)
        self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [f"dark: {one}" for one in serious(self.page, only=["color-contrast"])]
        return [f"{path}: {one}" for one in found]


@pytest.fixture
def window(browser: Browser, client: Client) -> Iterator[Window]:
    """An empty window."""
    context = browser.new_context(base_url="http://choir.test", service_workers="block")
    yield Window(context.new_page(), client)
    context.close()


def test_nothing_serious_stands_in_anybodys_way_on_any_page(
    company: Cast, everybody: Person, client: Client, window: Window
) -> None:
    client.force_login(everybody)
    looked_at = [window.look(path) for path in list(pages(rows_of(company, everybody)))[::PAGE_STEP]]
    whole = [found for found in looked_at if found is not None]
    assert [one for found in whole for one in found] == []
    assert len(whole) > 40 / PAGE_STEP


def test_nothing_serious_stands_in_the_way_of_whoever_is_new(company: Cast, window: Window, settings: Settings) -> None:
    settings.DEMO_SIGN_IN = True
    company.organisation.is_demo = True
    company.organisation.save()
    for path in ("/accounts/login/", f"/begin/{token_to_begin(settings.SECRET_KEY)}", "/accounts/password/reset/"):
        assert window.look(path) == []
