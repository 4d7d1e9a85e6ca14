"""What has arrived becomes mentions, and messages in conversations."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from choir.channels.actions import store
from choir.channels.contract import Raw
from choir.channels.models import Arrival, ArrivalSource
from choir.customers.models import Customer, Identity
from choir.events.models import Event
from choir.flow.hear import hear
from choir.inbox.models import Conversation, Direction, Message, State
from choir.listening.models import Mention
from tests.places import NOW, Place, entry, place

MINUTE = dt.timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Place:
    return place()


def arrive(one: Place, *raws: Raw, at: dt.datetime = NOW) -> None:
    store(one.channel, raws, source=ArrivalSource.WEBHOOK, at=at)
    while hear(at=at):
        pass


def ours(said: str, **shown: object) -> Raw:
    return entry(said, by_company=True, author={"id": "us", "handle": "north", "name": "North"}, **shown)


def later(minutes: int) -> str:
    return (NOW + minutes * MINUTE).isoformat()


def test_a_post_becomes_one_mention_and_one_message(north: Place) -> None:
    arrive(north, entry("a", text="Where is my parcel?"))
    mention, message = Mention.objects.get(), Message.objects.get()
    assert (mention.text, mention.identity.handle, mention.read_at) == ("Where is my parcel?", "ana", None)
    assert (message.direction, message.mention, message.conversation.thread_key) == (Direction.INBOUND, mention, "a")
    conversation = Conversation.objects.get()
    assert conversation.state == State.ARRIVING
    assert conversation.excerpt == "Where is my parcel?"
    assert conversation.waiting_since == NOW
    assert conversation.customer.name == "Ana"
    assert [event.verb for event in Event.objects.order_by("id")] == ["conversation.arrived", "message.received"]


def test_the_same_thing_twice_is_heard_once(north: Place) -> None:
    arrive(north, entry("a"), entry("a"))
    arrive(north, entry("a"))
    arrive(north, Raw(key="another key", payload=entry("a").payload))
    assert (Mention.objects.count(), Message.objects.count(), Conversation.objects.count()) == (1, 1, 1)
    assert Arrival.objects.filter(set_aside_because="").count() == 2


def test_other_words_under_a_known_id_are_set_aside_and_kept(north: Place) -> None:
    arrive(north, entry("a", text="first"))
    arrive(north, Raw(key="a2", payload=entry("a", text="second").payload))
    assert Message.objects.get().text == "first"
    assert "came before with other words" in Arrival.objects.get(key="a2").set_aside_because


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[]", "no JSON object"),
        (b"{}", "no 'id'"),
        (entry("b", posted_at="yesterday").payload, "wrong kind"),
        (entry("b", posted_at="2026-11-20T12:00:00").payload, "has no zone"),
        (entry("b", posted_at="0001-01-01T00:00:00+00:00").payload, "cannot be right"),
        (entry("b", kind="smoke signal").payload, "wrong kind"),
        (entry("", text="x").payload, "no id"),
        (entry("b", author={"id": ""}).payload, "who wrote it"),
    ],
)
def test_one_that_cannot_be_read_is_set_aside_and_the_others_go_on(north: Place, payload: bytes, reason: str) -> None:
    arrive(north, entry("a"), Raw(key="bad", payload=payload), entry("c"))
    assert set(Mention.objects.values_list("external_id", flat=True)) == {"a", "c"}
    aside = Arrival.objects.get(key="bad")
    assert reason in aside.set_aside_because
    assert aside.heard_at == NOW
    assert bytes(aside.payload) == payload


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", ""),
        ("nul\x00byte", "nul\ufffdbyte"),
        ("half \ud83d a pair", "half \ufffd a pair"),
        ("🚲👩‍👩‍👧 ✊🏿", "🚲👩‍👩‍👧 ✊🏿"),
        ("أين طلبي؟", "أين طلبي؟"),
        ("注文はどこですか", "注文はどこですか"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\x07\x1b[31m\u202eevil", "\x07\x1b[31m\u202eevil"),
        ("x" * 1_000_000, "x" * 1_000_000),
    ],
)
def test_any_text_is_kept_as_it_came(north: Place, said: str, kept: str) -> None:
    arrive(north, entry("a", text=said))
    assert Message.objects.get().text == kept
    assert Mention.objects.get().text == kept


def test_unfit_characters_in_names_ids_and_addresses_do_no_harm(north: Place) -> None:
    author = {"id": "u\x00" + "9" * 500, "handle": "h\x00" * 300, "name": "n\ud800" * 300, "path": "javascript:x"}
    arrive(north, entry("i\x00d" * 200, author=author, followers=-5))
    identity = Identity.objects.get()
    assert len(identity.external_id) <= 300
    assert "\x00" not in identity.handle
    arrive(north, entry("i\x00d" * 200, author=author, number=2))
    assert Message.objects.count() == 1


def test_a_time_in_the_future_is_the_time_we_received_it(north: Place) -> None:
    arrive(north, entry("a", posted_at="2031-01-01T00:00:00+00:00"))
    assert Mention.objects.get().posted_at == NOW


def test_what_was_deleted_says_nothing(north: Place) -> None:
    arrive(north, Raw(key="gone", payload=b'{"id": "x", "number": 4, "deleted": true}'))
    assert Arrival.objects.get().heard_at == NOW
    assert not Mention.objects.exists()


def test_a_parent_that_comes_later_joins_its_answers(north: Place) -> None:
    arrive(north, entry("c", parent="b"))
    arrive(north, entry("d", parent="b"))
    assert Conversation.objects.get().thread_key == "b"
    arrive(north, entry("b", parent="a"))
    assert Conversation.objects.get().thread_key == "a"
    arrive(north, entry("a"))
    conversation = Conversation.objects.get()
    assert (conversation.thread_key, conversation.messages_count) == ("a", 4)


def test_a_message_that_joins_two_threads_merges_them_into_the_one_people_work_on(north: Place) -> None:
    arrive(north, entry("a"))
    arrive(north, entry("c", parent="b"))
    assert Conversation.objects.count() == 2
    worked_on = Conversation.objects.get(thread_key="b")
    Conversation.objects.filter(pk=worked_on.pk).update(state="open", department=north.department, team=north.team)
    arrive(north, entry("b", parent="a"))
    kept = Conversation.objects.get()
    assert (kept.pk, kept.thread_key, kept.messages_count) == (worked_on.pk, "a", 3)
    assert Event.objects.filter(verb="conversation.merged", subject_id=kept.pk).count() == 1


def test_a_circle_of_answers_is_one_conversation(north: Place) -> None:
    arrive(north, entry("a", parent="c"))
    arrive(north, entry("b", parent="a"), entry("c", parent="b"))
    arrive(north, entry("d", parent="a"), entry("e", parent="e"))
    assert sorted(Conversation.objects.values_list("messages_count", flat=True)) == [1, 4]


def test_the_networks_thread_decides_over_what_a_message_answers(north: Place) -> None:
    arrive(north, entry("a", parent="campaign", thread="a"), entry("b", parent="campaign", thread="b"))
    arrive(north, entry("c", parent="b", thread="b"))
    assert set(Conversation.objects.values_list("thread_key", "messages_count")) == {("a", 1), ("b", 2)}


def test_what_we_said_with_another_tool_is_there_at_its_true_time(north: Place) -> None:
    arrive(north, entry("a"), ours("b", parent="a", posted_at=later(7)), at=NOW + 60 * MINUTE)
    answer = Message.objects.get(direction=Direction.OUTBOUND)
    assert (answer.at, answer.sent_at, answer.author_name) == (NOW + 7 * MINUTE, NOW + 7 * MINUTE, "North")
    conversation = Conversation.objects.get()
    assert (conversation.waiting_since, conversation.last_outbound_at) == (None, NOW + 7 * MINUTE)
    assert Event.objects.get(verb="message.sent").facts["first_response_seconds"] == 420
    assert Mention.objects.count() == 1


def test_our_own_first_word_is_noted_until_somebody_answers(north: Place) -> None:
    arrive(north, ours("a"))
    silent = Conversation.objects.get()
    assert silent.state == State.NOTED
    arrive(north, entry("b", parent="a", posted_at=later(5)), at=NOW + 9 * MINUTE)
    answered = Conversation.objects.get()
    assert (answered.state, answered.customer.name, answered.excerpt) == (State.ARRIVING, "Ana", "text of b")


@pytest.mark.parametrize("state", [State.RESOLVED, State.SNOOZED])
def test_what_a_customer_takes_up_again_arrives_and_keeps_its_team(north: Place, state: State) -> None:
    arrive(north, entry("a"), ours("b", parent="a", posted_at=later(1)), at=NOW + 2 * MINUTE)
    owned = {"department": north.department, "team": north.team, "snoozed_until": NOW + 900 * MINUTE}
    Conversation.objects.update(state=state, **owned)
    arrive(north, entry("c", parent="b", posted_at=later(5)), at=NOW + 6 * MINUTE)
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.team, conversation.snoozed_until) == (State.ARRIVING, north.team, None)
    assert conversation.waiting_since == NOW + 5 * MINUTE


def test_an_old_message_that_comes_late_reopens_nothing(north: Place) -> None:
    arrive(north, ours("b", parent="a", posted_at=later(1)), at=NOW + 2 * MINUTE)
    Conversation.objects.update(state="resolved", department=north.department, team=north.team)
    arrive(north, entry("a"), at=NOW + 3 * MINUTE)
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.waiting_since) == (State.RESOLVED, None)


def test_one_author_is_one_customer_and_a_new_name_is_shown(north: Place) -> None:
    arrive(north, entry("a"), entry("b"))
    arrive(north, entry("c", author={"id": "u-ana", "handle": "ana2", "name": "Ana B."}))
    assert Customer.objects.count() == 1
    assert Identity.objects.get().name == "Ana B."


def test_the_number_of_statements_does_not_grow_with_the_batch(north: Place) -> None:
    def statements(start: int, count: int) -> int:
        raws = [
            entry(f"m{i}", author={"id": f"u{i}"}, parent=f"m{i - 1}" if i % 3 else "")
            for i in range(start, start + count)
        ]
        store(north.channel, raws, source=ArrivalSource.WEBHOOK, at=NOW)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            hear(at=NOW)
        return len(captured)

    few, many = statements(0, 5), statements(300, 200)
    assert many <= few + 1
    assert Message.objects.count() == 205
