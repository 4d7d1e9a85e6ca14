"""Edits and removals by the author: the words follow, the record keeps that it happened."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from choir.channels.actions import store
from choir.channels.contract import Author, Item, Kind, Raw, Removal
from choir.channels.models import Arrival, ArrivalSource
from choir.events.models import Event
from choir.flow import hear as hearing
from choir.flow.hear import hear
from choir.inbox.models import Message
from choir.listening.models import Mention
from tests.places import NOW, Place, place

pytestmark = pytest.mark.django_db


class Connector:
    """Reads payloads that are the fields of an item, or the id of what is gone."""

    def items(self, raw: Raw) -> list[Item | Removal]:
        said = json.loads(raw.payload)
        if said.get("gone"):
            return [Removal(said["id"])]
        edited = said.get("edited")
        return [
            Item(
                external_id=said["id"],
                kind=Kind(said.get("kind", "post")),
                author=Author("u-ana", "ana", "Ana"),
                text=said["text"],
                posted_at=NOW,
                thread_id=said.get("thread", ""),
                is_addressed=not said.get("context", False),
                edited_at=NOW + dt.timedelta(minutes=edited) if edited else None,
            )
        ]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(hearing, "reader", lambda channel: Connector())
    return place()


def arrive(here: Place, *said: dict[str, object]) -> None:
    raws = [Raw(key=json.dumps(one), payload=json.dumps(one).encode()) for one in said]
    store(here.channel, raws, source=ArrivalSource.FETCH, at=NOW)
    hear(at=NOW)


def test_what_its_author_took_back_is_forgotten_everywhere(here: Place) -> None:
    arrive(here, {"id": "p1", "text": "my number is 4711"})
    arrive(here, {"id": "p1", "gone": True})
    message = Message.objects.select_related("mention", "conversation").get()
    assert message.mention is not None
    assert (message.text, message.mention.text, message.conversation.excerpt) == ("", "", "")
    assert message.removed_at is not None
    assert not any(b"4711" in bytes(one.payload) for one in Arrival.objects.all())
    event = Event.objects.get(verb="message.removed")
    assert "4711" not in json.dumps(event.facts) + event.because


def test_said_and_taken_back_in_one_batch(here: Place) -> None:
    arrive(here, {"id": "p1", "text": "oops"}, {"id": "p1", "gone": True})
    assert Message.objects.get().text == ""


def test_what_was_taken_back_does_not_come_again(here: Place) -> None:
    arrive(here, {"id": "p1", "text": "oops"}, {"id": "p1", "gone": True})
    arrive(here, {"id": "p1", "text": "oops", "thread": "p1"})
    assert Mention.objects.get().text == ""


def test_an_edit_replaces_the_words_and_is_read_again(here: Place) -> None:
    arrive(here, {"id": "p1", "text": "first"})
    Mention.objects.update(read_at=NOW)
    arrive(here, {"id": "p1", "text": "second", "edited": 5})
    message = Message.objects.select_related("mention", "conversation").get()
    assert message.mention is not None
    assert (message.text, message.mention.text, message.conversation.excerpt) == ("second", "second", "second")
    assert message.mention.read_at is None
    assert not any(b"first" in bytes(one.payload) for one in Arrival.objects.all())
    assert Event.objects.filter(verb="message.edited").count() == 1


def test_an_older_edit_that_comes_late_changes_nothing(here: Place) -> None:
    arrive(here, {"id": "p1", "text": "third", "edited": 9})
    arrive(here, {"id": "p1", "text": "second", "edited": 5})
    assert Mention.objects.get().text == "third"


def test_context_is_kept_beside_and_becomes_work_when_it_addresses_us(here: Place) -> None:
    arrive(here, {"id": "p1", "text": "above", "context": True}, {"id": "p2", "text": "to us", "thread": "p1"})
    assert [one.text for one in Message.objects.all()] == ["to us"]
    Mention.objects.update(read_at=NOW)
    arrive(here, {"id": "p1", "text": "above", "thread": "p1"})
    assert {one.text for one in Message.objects.all()} == {"to us", "above"}
    assert Mention.objects.unread().get().text == "above"
    assert Message.objects.values("conversation").distinct().count() == 1


def test_a_new_follower_is_kept_and_is_nobodys_work(here: Place) -> None:
    arrive(here, {"id": "f1", "text": "", "kind": "follow"})
    assert Mention.objects.get().kind == "follow"
    assert not Message.objects.exists()
