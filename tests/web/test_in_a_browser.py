"""The parts as a person meets them: in a real browser, by keyboard, in both themes, wide and narrow."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.browser

INBOX = "/styleguide/inbox"


def serious(page: Page, *, only: list[str] | None = None) -> list[str]:
    """What axe-core finds of serious or critical impact, with where; `only` by these of its rules."""
    # Without preloading: axe would fetch every @import again, relative to the page.
    options: dict[str, object] = {"preload": False, "resultTypes": ["violations"]}
    if only:
        options["runOnly"] = {"type": "rule", "values": only}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{finding['id']}: {node['target']} {node['failureSummary']}"
        for finding in found
        if finding["impact"] in {"serious", "critical"}
        for node in finding["nodes"]
    ]


@pytest.fixture
def demo(company: Cast, settings: Settings) -> Cast:
    """One click signs in."""
    settings.DEMO_SIGN_IN = True
    company.organisation.is_demo = True
    company.organisation.save()
    return company


def sign_in(page: Page) -> None:
    """By password, as Ana."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("ana@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "login" not in url)


def test_one_click_signs_in(page: Page, demo: Cast) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Ana").click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/profile")
    expect(page.get_by_role("heading", name="Ana")).to_be_visible()


def test_an_agent_sees_twelve_conversations_on_a_laptop(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    room = page.locator(".pane--list .pane__body").bounding_box()
    assert room
    rows = [row.bounding_box() for row in page.locator(".row").all()]
    whole = [
        row
        for row in rows
        if row and row["y"] >= room["y"] and row["y"] + row["height"] <= room["y"] + room["height"] + 1
    ]
    assert len(whole) >= 12


@pytest.mark.parametrize("path", ["/styleguide", INBOX, f"{INBOX}?showing=conversation", "/accounts/login/"])
def test_no_page_is_wider_than_the_screen(page: Page, demo: Cast, path: str) -> None:
    wide = "[...document.querySelectorAll('main')].some(box => box.scrollWidth > box.clientWidth + 1)"
    for width in (320, 390, 768, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(path)
        assert not page.evaluate(f"document.documentElement.scrollWidth > innerWidth || {wide}"), width


def test_right_to_left_mirrors_the_frame(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    page.evaluate("document.documentElement.dir = 'rtl'")
    rail, customer = page.locator(".rail").bounding_box(), page.locator(".pane--customer").bounding_box()
    assert rail
    assert customer
    assert rail["x"] > 1000
    assert customer["x"] < 100


def test_j_and_k_move_through_rows_and_x_chooses(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    expect(page.get_by_role("toolbar")).to_be_hidden()
    page.keyboard.press("x")
    expect(page.locator(".row input").nth(1)).to_be_checked()
    expect(page.get_by_role("toolbar")).to_contain_text("1 chosen")


def test_r_n_and_c_choose_what_to_write_and_go_there(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    for key, button in (("n", "Add note"), ("c", "Ask"), ("r", "Send")):
        page.keyboard.press(key)
        expect(page.get_by_role("textbox", name="Text")).to_be_focused()
        expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
        page.keyboard.press("Escape")


def test_keys_pressed_while_writing_are_letters(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    page.keyboard.press("n")
    page.get_by_role("textbox", name="Text").fill("")
    page.keyboard.type("jk ?e")
    expect(page.get_by_role("textbox", name="Text")).to_have_value("jk ?e")


def test_the_sheet_of_keys_lists_what_the_page_answers_to(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys of this page")
    expect(sheet.get_by_text("Reply", exact=True)).to_be_visible()
    expect(sheet.get_by_text("Resolve", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_palette_finds_and_does(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Find or do anything")
    expect(palette).to_be_visible()
    page.keyboard.type("hand ov")
    expect(palette.get_by_role("option")).to_have_count(1)
    assert serious(page) == []
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    expect(page.get_by_role("dialog", name="Hand over to another department")).to_be_visible()


def test_a_menu_opens_moves_and_closes_by_keyboard(page: Page, company: Cast) -> None:
    page.goto("/styleguide")
    snooze = page.locator("summary", has_text="Snooze")
    snooze.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="In an hour")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Tomorrow, 9:00")).to_be_focused()
    page.keyboard.press("Escape")
    expect(snooze).to_be_focused()
    expect(page.get_by_role("button", name="In an hour")).to_be_hidden()


def test_the_theme_changes_at_once_and_stays(page: Page, demo: Cast) -> None:
    sign_in(page)
    page.goto("/profile")
    page.get_by_label(re.compile("your menu")).click()
    page.locator(".theme-choice").get_by_text("Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.wait_for_load_state("networkidle")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert serious(page) == []


def test_presence_changes_in_its_menu(page: Page, demo: Cast) -> None:
    sign_in(page)
    page.goto("/profile")
    page.get_by_label(re.compile("your menu")).click()
    page.locator("#presence").get_by_role("radio", name=re.compile("Away")).click()
    expect(page.locator("#own-avatar .avatar")).to_have_attribute("data-presence", "away")
    page.get_by_label(re.compile("your menu")).click()
    expect(page.locator("#presence").get_by_role("radio", name=re.compile("Away"))).to_be_checked()


def test_a_clock_turns_late_by_itself(page: Page, company: Cast) -> None:
    page.clock.install()
    page.goto(INBOX)
    clock = page.locator(".row").nth(1).locator("sla-clock")
    expect(clock).to_have_attribute("data-state", "soon")
    page.clock.run_for(13 * 60 * 1000)
    expect(clock).to_have_attribute("data-state", "late")
    expect(clock).to_contain_text("late")


def test_what_is_too_long_is_counted(page: Page, company: Cast) -> None:
    page.goto(INBOX)
    text = page.get_by_role("textbox", name="Text")
    text.fill("👩‍👩‍👧‍👦" * 300)
    expect(page.locator("text-limit")).to_have_text("300 / 300")
    text.fill("a" * 301)
    expect(page.locator("text-limit")).to_have_attribute("data-state", "over")
    expect(text).to_have_attribute("aria-invalid", "true")


def test_without_javascript_the_composer_still_chooses_its_kind(
    browser: object, live_server: object, company: Cast
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(INBOX)
    page.locator(".tabs__tab", has_text="Note").click()
    expect(page.get_by_role("button", name="Add note")).to_be_visible()
    expect(page.get_by_role("button", name="Send and resolve")).to_be_hidden()
    context.close()


def test_without_a_connection_a_page_says_so(page: Page, company: Cast) -> None:
    page.goto("/styleguide")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.context.set_offline(True)
    shown = page.context.new_page()
    shown.goto("/styleguide")
    expect(shown.get_by_role("heading", name="Choir cannot be reached")).to_be_visible()
    assert shown.evaluate("getComputedStyle(document.querySelector('.entrance')).display") == "grid"
