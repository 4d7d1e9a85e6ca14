"""What is peculiar to Mastodon: counting, addressing, its HTML, its limits. The contract tests hold the rest."""

from __future__ import annotations

import datetime as dt

import pytest
import requests

from choir.channels.connectors.mastodon import mapping, text
from choir.channels.connectors.mastodon.content import text_of
from choir.channels.connectors.mastodon.cursor import WATCHED_COUNT, Cursor
from choir.channels.connectors.mastodon.server import allowance_of


def test_a_link_counts_the_same_whatever_its_length_and_a_stranger_only_by_name() -> None:
    assert text.length("see https://example.com/" + "x" * 200) == 4 + 23
    assert text.length("@ana@social.example hi") == len("@ana hi")
    assert text.length("👩‍👩‍👧‍👦") == 1


@pytest.mark.parametrize(
    ("said", "handle", "sent"),
    [
        ("We look.", "ana", "@ana We look."),
        ("We look, @Ana.", "ana", "We look, @Ana."),
        ("We look, @ana@other.example.", "ana", "@ana We look, @ana@other.example."),
        ("Hello @anabel", "ana", "@ana Hello @anabel"),
        ("We look.", "", "We look."),
    ],
)
def test_an_answer_names_whom_it_answers_once(said: str, handle: str, sent: str) -> None:
    assert text.addressed(said, handle) == sent


def test_people_and_links_stay_one_word() -> None:
    html = (
        '<p><span class="h-card"><a href="https://a.example/@ana">@<span>ana</span></a></span> see '
        '<a href="https://b.example/long"><span class="invisible">https://</span><span class="ellipsis">b.exam</span>'
        '<span class="invisible">ple/long</span></a> &amp; more<br>now</p><p class="quote-inline">RE: x</p><p>end</p>'
    )
    assert text_of(html) == "@ana see https://b.example/long & more\nnow\n\nend"
    assert mapping.words_of("<p>@ana @bert hi @carl</p>") == ["hi", "@carl"]


@pytest.mark.parametrize("reset", ["2026-11-20T12:05:00.000Z", "1795176300"], ids=["Mastodon", "GoToSocial"])
def test_the_limits_are_read_as_servers_write_them(reset: str) -> None:
    answer = requests.Response()
    answer.headers.update({"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "7", "X-RateLimit-Reset": reset})
    allowance = allowance_of(answer)
    assert allowance is not None
    assert (allowance.limit, allowance.remaining) == (300, 7)
    assert allowance.resets_at == dt.datetime(2026, 11, 20, 12, 5, tzinfo=dt.UTC)


def test_only_the_latest_posts_are_watched_and_not_those_that_are_gone() -> None:
    cursor = Cursor().watching({str(number): "" for number in range(50)}, gone={"49"})
    assert len(cursor.watched) == WATCHED_COUNT
    assert "48" in cursor.watched
    assert "49" not in cursor.watched
    assert Cursor.read(cursor.written()) == cursor
