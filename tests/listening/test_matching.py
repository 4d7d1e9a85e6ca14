"""Matching: the three ways to a match agree with each other and with counting."""

import datetime as dt
import random
from collections import Counter

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from choir.flow.listen import heard, listen
from choir.listening import seeking
from choir.listening.language.matching import finder
from choir.listening.language.sql import where
from choir.listening.language.tree import Node
from choir.listening.matching import forget
from choir.listening.models import Match, Mention, Query, Volume, Wording
from choir.listening.seeking import QueryRefusedError, Sought, add_query, change_query, remove_query
from choir.listening.wordings import channel_names, document_of
from choir.people.access import NotAllowedError
from choir.triage.actions import correct
from tests import conversing
from tests.cast import NOON, Cast, cast
from tests.listening.language import trees

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def said(company: Cast, text: str, *, at: dt.datetime = NOON, **more: object) -> Mention:
    """Somebody says it in public, and it is understood."""
    message = conversing.arrived(company, text, at=at).messages.get()
    mention = message.mention
    assert mention is not None
    for name, value in more.items():
        setattr(mention, name, value)
    mention.save()
    heard([mention], [conversing.read_as(company, message)])
    return mention


def query(company: Cast, text: str, name: str = "") -> Query:
    return add_query(company.workspace, sought=Sought(name or text, text), by=company.cho, at=NOON)


def found(one: Query) -> set[str]:
    return set(Match.objects.filter(query=one).values_list("mention__text", flat=True))


def counted() -> dict[tuple[object, ...], int]:
    rows = Volume.objects.exclude(count=0).values_list("query", "hour", "sentiment", "topic", "count")
    return {row[:4]: row[4] for row in rows}


def recounted() -> dict[tuple[object, ...], int]:
    rows = Match.objects.values_list("query", "posted_at", "sentiment", "topic")
    return dict(Counter((row[0], row[1].replace(minute=0, second=0, microsecond=0), *row[2:]) for row in rows))


def test_the_past_and_what_comes_are_found_alike(company: Cast) -> None:
    said(company, "My parcel is late")
    said(company, "A letter came")
    parcels = query(company, "parcel*")
    listen(at=NOON)
    said(company, "Two parcels, both broken")
    assert found(parcels) == {"My parcel is late", "Two parcels, both broken"}
    assert counted() == recounted()


def test_what_is_said_in_private_is_found_by_no_query(company: Cast) -> None:
    parcels = query(company, "parcel")
    said(company, "My parcel, my address", is_private=True)
    listen(at=NOON)
    assert found(parcels) == set()


def test_a_long_past_is_matched_in_stretches_that_show_their_progress(
    company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("choir.listening.matching.PAST_AT_ONCE", 3)
    for number in range(8):
        said(company, f"parcel {number}", at=NOON - number * HOUR)
    parcels = query(company, "parcel")
    seen = []
    while listen(at=NOON):
        parcels.refresh_from_db()
        seen.append((parcels.past_count, parcels.past_total))
    assert seen == [(3, 8), (6, 8), (8, 8)]
    assert parcels.past_matched_at == NOON
    assert len(found(parcels)) == 8
    assert counted() == recounted()


def test_another_text_finds_its_past_anew(company: Cast) -> None:
    said(company, "My parcel is late")
    said(company, "A letter came")
    one = query(company, "parcel")
    listen(at=NOON)
    change_query(one, sought=Sought("post", "letter"), by=company.cho, at=NOON)
    listen(at=NOON)
    said(company, "another parcel")
    assert found(one) == {"A letter came"}
    assert counted() == recounted()


def test_a_correction_moves_a_mention_to_another_mood_and_query(company: Cast) -> None:
    angry = query(company, "parcel sentiment:negative")
    every = query(company, "parcel")
    mention = said(company, "Great, the parcel. Again.")
    listen(at=NOON)
    correct(mention, by=company.ana, at=NOON, sentiment="negative")
    listen(at=NOON)
    assert found(angry) == found(every) == {mention.text}
    assert set(Match.objects.values_list("sentiment", flat=True)) == {"negative"}
    assert counted() == recounted()


def test_what_its_author_took_back_is_found_no_more(company: Cast) -> None:
    one = query(company, "parcel")
    mention = said(company, "My parcel")
    forget(company.workspace.pk, [mention.pk])
    assert found(one) == set()
    assert not Wording.objects.exists()
    assert counted() == {}


def test_a_paused_query_finds_what_it_missed_when_it_goes_on(company: Cast) -> None:
    one = query(company, "parcel")
    sought = Sought("parcel", "parcel", is_paused=True)
    change_query(one, sought=sought, by=company.cho, at=NOON)
    said(company, "My parcel")
    listen(at=NOON)
    assert found(one) == set()
    change_query(one, sought=Sought("parcel", "parcel"), by=company.cho, at=NOON)
    listen(at=NOON)
    assert found(one) == {"My parcel"}


def test_who_may_change_queries(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        add_query(company.workspace, sought=Sought("x", "parcel"), by=company.ana, at=NOON)
    one = query(company, "parcel")
    with pytest.raises(NotAllowedError):
        remove_query(one, by=company.eve, at=NOON)
    with pytest.raises(QueryRefusedError):
        query(company, "letter", name="Parcel")
    remove_query(one, by=company.cho, at=NOON)
    assert not Query.objects.exists()


def test_a_workspace_has_so_many_queries(company: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "MOST_QUERIES", 1)
    query(company, "parcel")
    with pytest.raises(QueryRefusedError):
        query(company, "letter")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees=some.lists(trees, min_size=8, max_size=8))
def test_the_database_and_memory_find_the_same(trees: list[Node], pool: list[Wording], company: Cast) -> None:
    channels = channel_names(company.workspace.pk)
    for tree in trees:
        condition, values = where(tree, table="listening_wording", channels=channels)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT mention_id FROM listening_wording WHERE {condition}", values)
            in_database = {row[0] for row in cursor.fetchall()}
        in_memory = {one.mention_id for one in pool if finder(tree)(document_of(one, channels))}
        assert in_database == in_memory


@pytest.fixture
def pool(company: Cast) -> list[Wording]:
    """Eighty mentions of few words, with all sorts of fields."""
    chance = random.Random(7)
    readings = {"language": ["de", "en"], "sentiment": ["negative", "positive", "neutral"]}
    people = [conversing.customer(company, name) for name in ("ana", "ben", "cy")]
    for person, name in zip(people, ("Ana Lima", "Lima-Ana", ""), strict=True):
        person.name, person.followers_count = name, chance.choice([None, 10])
        person.save()
    words = [
        "late",
        "Later",
        "parcel",
        "#parcel",
        "@ana",
        "Käse",
        "STRASSE",
        "$up",
        "世界",
        "🔥",
        "l",
        "lost",
        "the",
        "is",
    ]
    for number in range(80):
        text = " ".join(chance.choices(words, k=chance.randrange(9)))
        message = conversing.arrived(company, text, identity=chance.choice(people)).messages.get()
        mention, reading = message.mention, conversing.read_as(company, message)
        assert mention is not None
        mention.stars = chance.choice([None, 1, 3, 5])
        mention.media = [{"url": "x"}] if number % 3 == 0 else []
        for name, values in readings.items():
            setattr(reading, name, chance.choice(values))
        heard([mention], [reading])
    return list(Wording.objects.all())
