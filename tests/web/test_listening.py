"""Listening: the stream, queries with their preview, trends, spikes; and who may what."""

import csv
import datetime as dt
import io
import json
import re
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choir.events.models import Event
from choir.flow.listen import heard, listen
from choir.flow.noticing import notice
from choir.inbox.models import Conversation
from choir.listening import stream
from choir.listening.inquiring import plan
from choir.listening.models import Inquiry, Mention, Query, Spike, Wording
from choir.listening.seeking import Sought, add_query
from choir.people.models import Person
from choir.triage.models import Reading
from tests import conversing
from tests.cast import Cast

HOUR = dt.timedelta(hours=1)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **kwargs})


def body(person: Person, url: str) -> str:
    answer = browser(person).get(url)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def texts_in(html: str) -> list[str]:
    return [one.strip() for one in re.findall(r'class="mention__text"[^>]*>([^<]*)', html)]


def say(company: Cast, text: str, *, hours: float = 1, sentiment: str = "neutral") -> Mention:
    """Somebody says it in public, so many hours ago; a search found it."""
    when = timezone.now() - hours * HOUR
    mention = Mention.objects.create(
        workspace=company.workspace, channel=company.channel, identity=conversing.customer(company), kind="post",
        external_id=f"o{Mention.objects.count()}", is_addressed=False, text=text, posted_at=when, received_at=when,
        read_at=when,
    )  # fmt: skip
    reading = Reading.objects.create(
        workspace=company.workspace, mention=mention, version="test", at=when, language="en", sentiment=sentiment,
        sentiment_score=0, intent="complaint", objective="care", objective_confidence=0.9, topic="delivery", urgency=0,
        needs_reply=True,
    )  # fmt: skip
    heard([mention], [reading])
    return mention


@pytest.fixture
def parcels(company: Cast) -> Query:
    """A query that finds parcels."""
    sought = Sought("Parcels", "parcel*", "Acme")
    return add_query(company.workspace, sought=sought, by=company.cho, at=timezone.now())


def test_the_stream_shows_what_queries_found_and_all_that_was_heard_when_asked(company: Cast, parcels: Query) -> None:
    say(company, "A parcel!", hours=3)
    say(company, "A letter!", hours=2)
    url = at("listening")
    assert texts_in(body(company.mia, url)) == ["A parcel!"]
    assert texts_in(body(company.mia, f"{url}?query=all")) == ["A letter!", "A parcel!"]
    assert texts_in(body(company.mia, f"{url}?query=all&q=letter OR nothing")) == ["A letter!"]
    assert texts_in(body(company.mia, f"{url}?query=group:Acme&sentiment=negative")) == []


def test_a_mistake_in_the_search_is_pointed_at(company: Cast, parcels: Query) -> None:
    assert "is never closed" in body(company.mia, f"{at('listening')}?q=late (parcel")


def test_copies_fold_into_one_with_a_count_and_unfold(company: Cast, parcels: Query) -> None:
    for number in range(3):
        say(company, f"Sign our petition: free parcels for everybody in this town! https://x.example/{number}", hours=3)
    say(company, "My own parcel", hours=1)
    folded = body(company.mia, at("listening"))
    assert len(texts_in(folded)) == 2
    assert "and 2 copies" in folded
    unfolded = re.search(r'href="([^"]*family=[^"]*)"', folded)
    assert unfolded is not None
    assert len(texts_in(body(company.mia, unfolded[1].replace("&amp;", "&")))) == 3


def test_pages_neither_skip_nor_repeat(company: Cast, parcels: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        say(company, f"parcel {number}", hours=number)
    url, seen = at("listening"), list[str]()
    monkeypatch.setattr(stream.page, "__kwdefaults__", {"after": None, "size": 2})
    while url:
        html = body(company.mia, url)
        seen += texts_in(html)
        older = re.search(r'href="((?!"|[^"]*take=)[^"]*after=[^"]*)"', html)  # not a table taken away
        url = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"parcel {number}" for number in range(5)]


def test_it_is_exported_with_who_and_what_found_it(company: Cast, parcels: Query) -> None:
    say(company, "=A parcel", sentiment="negative")
    found = json.loads(browser(company.mia).get(at("listening_file", form="json")).getvalue())
    assert [(one["text"], one["queries"]) for one in found["rows"]] == [("=A parcel", "Parcels")]
    lines = browser(company.mia).get(at("listening_file", form="csv")).getvalue().decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(lines)))["text"] == "'=A parcel"


def test_one_key_makes_it_a_conversation_and_another_puts_it_back(company: Cast, parcels: Query) -> None:
    mention = say(company, "My parcel is lost")
    browser(company.mia).post(at("listening_conversation", mention=mention.pk))
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.department) == ("open", company.departments["operations"])
    assert "Back to noted" in body(company.mia, at("listening"))
    browser(company.mia).post(at("listening_noting", mention=mention.pk))
    conversation.refresh_from_db()
    assert conversation.state == "noted"


def test_the_preview_finds_before_anything_is_saved(company: Cast) -> None:
    say(company, "A parcel")
    typed = {"text": "parcel", "preview": "yes"}
    shown = browser(company.cho).post(at("listening_new_query"), typed).content.decode()
    assert "1 mentions in 28 days" in shown
    assert not Query.objects.exists()
    wrong = browser(company.cho).post(at("listening_new_query"), {"text": "parcel OR", "preview": "yes"})
    assert "Something is missing after OR" in wrong.content.decode()


def test_a_saved_query_finds_its_past_and_is_in_the_record(company: Cast) -> None:
    say(company, "A parcel")
    typed = {"text": "parcel", "name": "Parcels", "alerts": "on"}
    assert browser(company.cho).post(at("listening_new_query"), typed).status_code == HTTPStatus.FOUND
    listen(at=timezone.now())
    assert texts_in(body(company.mia, at("listening"))) == ["A parcel"]
    assert Event.objects.get(verb="query.added").by == company.cho
    again = browser(company.cho).post(at("listening_new_query"), typed)
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "There is a query" in again.content.decode()


def test_who_changes_queries_and_who_listens(company: Cast, parcels: Query) -> None:
    assert browser(company.mia).get(at("listening_new_query")).status_code == HTTPStatus.FORBIDDEN
    assert browser(company.ada).get(at("listening")).status_code == HTTPStatus.FORBIDDEN
    for name in ("listening", "listening_queries", "listening_trends", "listening_spikes"):
        assert browser(company.outsider).get(at(name)).status_code == HTTPStatus.NOT_FOUND


def test_trends_hold_voices_against_each_other_and_open_to_their_mentions(company: Cast, parcels: Query) -> None:
    rival = Sought("Rival", "rival", "Rival")
    add_query(company.workspace, sought=rival, by=company.cho, at=timezone.now())
    for text in ("my parcel", "parcel again", "parcel, third", "the rival"):
        say(company, text)
    html = body(company.mia, at("listening_trends"))
    assert "75 %" in html
    assert "25 %" in html
    assert "?query=group%3AAcme" in html
    for chart in ("voice", "mood"):
        assert browser(company.mia).get(at("listening_trend", chart=chart)).content.startswith(b"<svg")


def test_a_spike_is_told_explained_and_acknowledged(company: Cast, parcels: Query) -> None:
    for hours in range(24 * 21, 24, -24):
        say(company, "a parcel", hours=hours)
    for minutes in range(12):
        say(company, "the parcel van is on fire", hours=minutes / 20, sentiment="negative")
    now = timezone.now()
    listen(at=now)
    notice(company.workspace, at=now)
    spike = Spike.objects.get(topic="")
    assert spike.count == 12
    assert spike.department == company.departments["operations"]
    assert "fire" in spike.explanation["words"]
    assert Event.objects.about("spike", spike.pk).filter(verb="spike.began").exists()
    today = body(company.cho, at("today"))
    assert "Far more said than usual" in today
    assert "Operations" in body(company.mia, at("listening_spike", spike=spike.pk))
    browser(company.mia).post(at("listening_acknowledgement", spike=spike.pk))
    spike.refresh_from_db()
    assert spike.acknowledged_by == company.mia
    assert "Far more said than usual" not in body(company.cho, at("today"))
    notice(company.workspace, at=now + 12 * HOUR)
    spike.refresh_from_db()
    assert spike.ended_at is not None
    assert Spike.objects.filter(topic="").count() == 1


def test_what_came_since_is_told_without_moving_the_list(company: Cast, parcels: Query) -> None:
    say(company, "A parcel", hours=2)
    top = Wording.objects.get()
    say(company, "Another parcel", hours=1)
    url = f"{at('listening')}?top={top.posted_at.isoformat().replace('+', '%2B')}~{top.pk}"
    answer = browser(company.mia).get(url, headers={"HX-Request": "true", "HX-Target": "stream-news"})
    assert "1 new mention" in answer.content.decode()
    assert "mention__text" not in answer.content.decode()


def test_a_query_is_put_to_the_networks_that_are_ticked_and_its_page_says_what_became_of_it(company: Cast) -> None:
    company.channel.connector, company.channel.settings = "x", {}
    company.channel.save()
    page = body(company.cho, at("listening_new_query"))
    assert f'value="{company.channel.pk}"' in page
    said = {"name": "Kettles", "text": "kettle NEAR/2 leaks", "days_back": "30", "asked": [str(company.channel.pk)]}
    preview = browser(company.cho).post(at("listening_new_query"), said | {"preview": "yes"}).content.decode()
    assert '<code dir="auto">kettle leaks</code>' in preview
    browser(company.cho).post(at("listening_new_query"), said)
    query = Query.objects.get(name="Kettles")
    plan(company.workspace, at=timezone.now())
    Inquiry.objects.update(failure="X has no credits left for our app (402). Buy some.", past_count=3)
    page = body(company.cho, at("listening_query", query=query.pk))
    assert "Buy some." in page
    assert "understands only part" in page
    assert "1 network fails" in body(company.cho, at("listening_queries"))
    browser(company.cho).post(at("listening_past_ending", query=query.pk))
    assert Inquiry.objects.get().past_stopped_at is not None
    assert "Go on reading the past" in body(company.cho, at("listening_query", query=query.pk))
    browser(company.cho).post(at("listening_past_again", query=query.pk))
    assert Inquiry.objects.get().past_stopped_at is None
    browser(company.cho).post(at("listening_query", query=query.pk), said | {"asked": []})
    assert list(query.spared.all()) == [company.channel]


def test_what_asks_for_an_answer_comes_to_the_inbox_where_its_query_brings_it(company: Cast, parcels: Query) -> None:
    say(company, "Where is the parcel they promised?")
    assert not Conversation.objects.exists()
    Query.objects.update(brings_work=True)
    say(company, "Nobody answers about my parcel!")
    assert Conversation.objects.count() == 1
