"""The inbox as its people meet it: in a real browser, by keyboard, two at once, without JavaScript."""

import datetime as dt
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import APIResponse, Page, Route, expect

from choir.inbox.actions import add_note
from choir.inbox.models import Conversation, Note, State
from choir.outbound.models import Delivery, DeliveryState, Draft
from tests.cast import Cast
from tests.conversing import opened
from tests.web.browser.conftest import Desks

pytestmark = [
    pytest.mark.browser,
    # The static files' middleware streams from an iterator of its own kind; a window that closes leaves a body behind.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def queue(company: Cast, count: int = 4) -> list[Conversation]:
    """Some conversations of Ana's, newest first."""
    now = timezone.now()
    return [
        opened(company, f"question {number}", assignee=company.ana, at=now - dt.timedelta(minutes=number + 1))
        for number in range(count)
    ]


def serious(page: Page) -> list[str]:
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{finding['id']}: {node['target']} {node['failureSummary']}"
        for finding in found
        if finding["impact"] in {"serious", "critical"}
        for node in finding["nodes"]
    ]


def test_a_queue_is_cleared_by_keyboard_alone(company: Cast, desks: Desks) -> None:
    rows = queue(company)
    page = desks.of("ana").go("/w/acme/inbox/?view=mine")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    head = page.locator("#conversation h2")
    expect(head).to_contain_text(str(rows[0].customer))
    page.keyboard.press("r")
    page.keyboard.type("Here is the answer.")
    page.wait_for_selector("live-inbox[data-live=yes]")
    on_the_way: list[tuple[Route, APIResponse]] = []
    page.route("**/reply?*", lambda route: on_the_way.append((route, route.fetch(max_redirects=0))))
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread .message--outbound")).to_contain_text("Here is the answer.")  # heard of, not told
    page.keyboard.press("Escape")
    page.keyboard.press("e")  # waits: the conversation is about to be replaced by the answer
    [(route, told)] = on_the_way
    route.fulfill(response=told)
    expect(head).to_contain_text(str(rows[1].customer))
    rows[0].refresh_from_db()
    assert rows[0].state == State.RESOLVED
    assert Delivery.objects.get().message.text == "Here is the answer."


def test_an_answer_is_taken_back(company: Cast, desks: Desks) -> None:
    queue(company, 1)
    page = desks.of("ana").go("/w/acme/inbox/?view=mine")
    page.locator("#rows [data-row]").first.click()
    page.locator("#composer-text").fill("Too early")
    page.get_by_role("button", name="Send", exact=True).click()
    take_back = page.get_by_role("button", name="Take back")
    expect(take_back).to_be_visible()
    expect(page.locator("#composer-text")).to_have_value("")
    take_back.click()
    expect(page.locator("#composer-text")).to_have_value("Too early")
    assert Delivery.objects.get().state == DeliveryState.UNDONE


def test_a_draft_comes_back_on_another_device(company: Cast, desks: Desks) -> None:
    [row] = queue(company, 1)
    page = desks.of("ana").go(f"/w/acme/conversations/{row.pk}/")
    page.locator("#composer-text").fill("Half a thought")
    expect(page.locator("#composer-state")).to_contain_text("saved", ignore_case=True)
    elsewhere = desks.of("ana").go(f"/w/acme/conversations/{row.pk}/")
    expect(elsewhere.locator("#composer-text")).to_have_value("Half a thought")
    assert Draft.objects.get().text == "Half a thought"


def test_two_people_collide_and_the_second_keeps_their_text(company: Cast, desks: Desks) -> None:
    [row] = queue(company, 1)
    ana = desks.of("ana").go(f"/w/acme/conversations/{row.pk}/")
    lea = desks.of("lea").go(f"/w/acme/conversations/{row.pk}/")
    lea.locator("#composer-text").press_sequentially("Lea's answer")
    expect(ana.locator("#conversation-presence")).to_contain_text("Lea is replying")
    ana.locator("#composer-text").fill("Ana's answer")
    ana.get_by_role("button", name="Send", exact=True).click()
    expect(ana.locator("#thread")).to_contain_text("Ana's answer")
    expect(lea.locator("#thread")).to_contain_text("Ana's answer")
    lea.get_by_role("button", name="Send", exact=True).click()
    expect(lea.locator("#composer-warnings")).to_contain_text("Nothing was sent")
    expect(lea.locator("#composer-text")).to_have_value("Lea's answer")
    assert Delivery.objects.count() == 1


def test_what_one_does_is_heard_in_its_order(company: Cast, desks: Desks) -> None:
    [row] = queue(company, 1)
    ana = desks.of("ana").go(f"/w/acme/conversations/{row.pk}/")
    ana.wait_for_selector("live-inbox[data-live=yes]")
    lea = desks.of("lea")
    on_the_way: list[Route] = []
    lea.page.route("**/presence", lambda route, _: on_the_way.append(route))
    page = lea.go(f"/w/acme/conversations/{row.pk}/")
    page.wait_for_selector("live-inbox[data-live=yes]")
    page.locator("#composer-text").press_sequentially("Lea's answer")
    page.wait_for_timeout(300)
    while on_the_way:  # the newest first, as a network may bring them
        on_the_way.pop().continue_()
        page.wait_for_timeout(300)
    expect(ana.locator("#conversation-presence")).to_have_text("Lea is replying")


def test_a_note_appears_while_somebody_looks(company: Cast, desks: Desks) -> None:
    [row] = queue(company, 1)
    page = desks.of("ana").go(f"/w/acme/conversations/{row.pk}/")
    page.wait_for_selector("live-inbox[data-live=yes]")
    add_note(row, text="Careful with this one", mentioned=[], by=company.lea, at=timezone.now())
    expect(page.locator("#thread .note")).to_contain_text("Careful with this one")


def test_other_departments_hear_nothing(company: Cast, desks: Desks) -> None:
    secret = opened(company, "for legal", department="legal", objective="compliance")
    page = desks.of("ana").go("/w/acme/inbox/?view=all")
    page.wait_for_selector("live-inbox[data-live=yes]")
    heard: list[str] = []
    page.on("request", lambda request: heard.extend([request.url] if "rows" in request.url else []))
    add_note(secret, text="only us", mentioned=[], by=company.leo, at=timezone.now())
    page.wait_for_timeout(1200)
    assert heard == []


def test_every_filter_can_be_chosen(company: Cast, desks: Desks) -> None:
    queue(company, 2)
    desk = desks.of("ana")
    names = ["sort", "objective", "department", "assignee", "state", "sentiment", "language", "channel", "network"]
    for name in names:
        page = desk.go("/w/acme/inbox/?view=all")
        page.get_by_role("link", name="Filter and sort").click()
        chooser = page.locator(f"dialog select[name={name}]")
        expect(chooser).to_be_visible()
        values = [option.get_attribute("value") for option in chooser.locator("option").all()]
        assert len(values) > 1, name
        chooser.select_option(values[1])
        page.locator("dialog").get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url(re.compile(name))
        assert page.locator("#list").count() == 1
    page = desk.go("/w/acme/inbox/?view=all&objective=care")
    expect(page.locator("#rows > li")).to_have_count(2)


def test_it_works_without_javascript(company: Cast, desks: Desks) -> None:
    rows = queue(company, 2)
    page = desks.of("ana", scripts=False).go("/w/acme/inbox/?view=mine")
    page.locator("#rows [data-row]").first.click()
    page.locator("#composer-text").fill("Plain answer")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#thread")).to_contain_text("Plain answer")
    page.get_by_label("Note", exact=True).check(force=True)
    page.locator("#composer-text").fill("Plain note")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#thread .note")).to_contain_text("Plain note")
    page.locator("#conversation").get_by_role("link", name="Snooze").click()
    page.get_by_role("button", name=re.compile("Tomorrow")).click()
    rows[0].refresh_from_db()
    assert rows[0].state == State.SNOOZED
    assert Note.objects.get().text == "Plain note"
    expect(page.locator("#conversation h2")).to_contain_text(str(rows[1].customer))


def test_several_are_done_at_once(company: Cast, desks: Desks) -> None:
    queue(company, 3)
    page = desks.of("ana").go("/w/acme/inbox/?view=mine")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator(".bulk").get_by_role("button", name="Resolve").click()
    expect(page.locator("#rows > li")).to_have_count(1)
    assert Conversation.objects.filter(state=State.RESOLVED).count() == 2


def test_twelve_conversations_fit_on_a_laptop(company: Cast, desks: Desks) -> None:
    queue(company, 20)
    page = desks.of("ana").go("/w/acme/inbox/?view=mine")
    box = page.locator("#list-form").bounding_box()
    assert box is not None
    shown = [
        row
        for row in page.locator("#rows > li").all()
        if (place := row.bounding_box()) and place["y"] + place["height"] <= box["y"] + box["height"] + 1
    ]
    assert len(shown) >= 12


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (320, 640)])
def test_nothing_serious_stands_in_the_way(company: Cast, desks: Desks, theme: str, width: int, height: int) -> None:
    [row, *_] = queue(company, 2)
    add_note(row, text="a note", mentioned=[], by=company.lea, at=timezone.now())
    desk = desks.of("ana", width=width, height=height, theme=theme)
    for path in ("/w/acme/inbox/", f"/w/acme/conversations/{row.pk}/", "/w/acme/inbox/?q=question",
                 f"/w/acme/conversations/{row.pk}/?showing=customer", "/w/acme/inbox/filters",
                 f"/w/acme/conversations/{row.pk}/correction"):  # fmt: skip
        page = desk.go(path)
        assert serious(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
