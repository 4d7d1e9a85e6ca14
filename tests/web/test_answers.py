"""One view, two answers: the page to a browser, the part to htmx."""

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from choir.web.answers import answer


def ask(**headers: str) -> HttpResponse:
    """Ask a view whose page is a state and whose part is a notice, with htmx's headers."""

    def view(request: HttpRequest) -> HttpResponse:
        return answer(
            request, "parts/state.html", {"icon_name": "inbox", "title": "Page", "text": "Part"}, parts=["notice"]
        )

    request = RequestFactory().get("/", headers=headers)
    return HtmxMiddleware(view)(request)  # type: ignore[return-value]


def test_a_browser_gets_the_whole_page() -> None:
    assert b'class="state"' in ask().content


def test_htmx_gets_the_part_whose_id_is_its_target() -> None:
    answered = ask(hx_request="true", hx_target="notice")
    assert b'class="notice"' in answered.content
    assert b'class="state"' not in answered.content


def test_a_step_back_gets_the_page() -> None:
    restored = ask(hx_request="true", hx_target="notice", hx_history_restore_request="true")
    assert b'class="state"' in restored.content


def test_a_boosted_link_gets_the_page_unless_it_names_a_part() -> None:
    assert b'class="state"' in ask(hx_request="true", hx_boosted="true").content
    assert b'class="notice"' in ask(hx_request="true", hx_boosted="true", hx_target="notice").content


def test_a_part_that_the_view_does_not_name_is_not_drawn() -> None:
    assert b'class="state"' in ask(hx_request="true", hx_target="toast").content


def test_caches_keep_the_page_and_its_parts_apart() -> None:
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in ask().headers["Vary"].split(",")}
