"""Answers taken off the network, and what customers said hidden and reported: asked by who may, done once, recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.utils import timezone

from choir.channels.contract import Author, RejectedError, ReportReason, TemporaryError
from choir.channels.models import Channel
from choir.events.models import Event
from choir.flow.moderate import moderate as step
from choir.inbox.models import Conversation, Direction, Message
from choir.outbound.actions.moderating import deeds_for, moderate
from choir.outbound.models import Deed, Moderation, ModerationState
from choir.outbound.refusals import CannotModerate
from choir.people.access import NotAllowedError
from choir.people.models import Person
from tests.cast import NOON, Cast, cast
from tests.conversing import opened

pytestmark = pytest.mark.django_db

SOON = dt.timedelta(minutes=5)


@dataclass
class Network:
    """Does what it is asked, and remembers it; raises what it is told to."""

    done: list[tuple[str, str]] = field(default_factory=list)
    raises: Exception | None = None

    def __call__(self, channel: Channel) -> Network:
        return self

    def remove(self, external_id: str) -> None:
        self._do("remove", external_id)

    def hide(self, external_id: str, *, is_hidden: bool = True) -> None:
        self._do("hide" if is_hidden else "show", external_id)

    def report(self, external_id: str, *, author: Author, reason: ReportReason, comment: str) -> None:
        self._do(f"report {reason}", external_id)

    def _do(self, what: str, external_id: str) -> None:
        self.done.append((what, external_id))
        if self.raises is not None:
            raise self.raises


@pytest.fixture
def company() -> Cast:
    return cast()


@pytest.fixture
def network() -> Network:
    return Network()


def answered(company: Cast, shown: Conversation, by: Person) -> Message:
    """An answer of ours that stands on the network."""
    return Message.objects.create(
        workspace=company.workspace,
        conversation=shown,
        direction=Direction.OUTBOUND,
        person=by,
        external_id="n1",
        text="It comes tomorrow",
        at=NOON,
        sent_at=NOON,
    )


def asked(message: Message, deed: Deed, by: Person, **told: str) -> Moderation:
    return moderate(message, deed=deed, because="It was wrong.", by=by, at=timezone.now(), **told)


def test_its_author_takes_an_answer_off_and_it_stays_here(company: Cast, network: Network) -> None:
    ours = answered(company, opened(company, assignee=company.lea), company.ana)
    first, again = asked(ours, Deed.REMOVE, company.ana), asked(ours, Deed.REMOVE, company.ana)
    assert first == again
    step(at=timezone.now(), connect=network)
    step(at=timezone.now() + SOON, connect=network)
    ours.refresh_from_db()
    assert network.done == [("remove", "n1")]
    assert (ours.text, ours.removed_at is not None) == ("It comes tomorrow", True)
    event = Event.objects.get(verb="answer.removed")
    assert (event.by, event.because) == (company.ana, "It was wrong.")


def test_only_who_may_moderate_does(company: Cast) -> None:
    shown = opened(company, assignee=company.lea)
    ours, theirs = answered(company, shown, company.lea), shown.messages.get(direction=Direction.INBOUND)
    assert deeds_for(ours, by=company.lea) == [Deed.REMOVE]
    assert deeds_for(theirs, by=company.lea) == [Deed.HIDE, Deed.REPORT]
    for message, deed in ((ours, Deed.REMOVE), (theirs, Deed.HIDE)):
        assert deeds_for(message, by=company.ana) == []
        with pytest.raises(NotAllowedError):
            asked(message, deed, company.ana)


def test_hiding_is_undone_by_showing_again(company: Cast, network: Network) -> None:
    theirs = opened(company, assignee=company.ana).messages.get()
    asked(theirs, Deed.HIDE, company.ana)
    step(at=timezone.now(), connect=network)
    assert deeds_for(theirs, by=company.ana) == [Deed.SHOW, Deed.REPORT]
    asked(theirs, Deed.SHOW, company.ana)
    step(at=timezone.now(), connect=network)
    assert [what for what, _ in network.done] == ["hide", "show"]
    assert deeds_for(theirs, by=company.ana) == [Deed.HIDE, Deed.REPORT]


def test_what_failed_for_a_while_is_tried_again_but_a_report_is_made_once(company: Cast, network: Network) -> None:
    theirs = opened(company, assignee=company.ana).messages.get()
    network.raises = TemporaryError("It hung up.")
    hidden = asked(theirs, Deed.HIDE, company.ana)
    step(at=timezone.now(), connect=network)
    step(at=timezone.now() + SOON, connect=network)
    assert len(network.done) == 2
    Moderation.objects.filter(pk=hidden.pk).delete()
    reported = asked(theirs, Deed.REPORT, company.ana, reason="spam")
    step(at=timezone.now(), connect=network)
    step(at=timezone.now() + SOON, connect=network)
    reported.refresh_from_db()
    assert network.done[2:] == [("report spam", theirs.external_id)]
    assert reported.state == ModerationState.UNSURE


def test_a_report_whose_worker_died_is_left_to_a_person(company: Cast, network: Network) -> None:
    theirs = opened(company, assignee=company.ana).messages.get()
    reported = asked(theirs, Deed.REPORT, company.ana, reason="abuse")
    Moderation.objects.update(state="doing", leased_until=timezone.now(), attempts_count=1)
    step(at=timezone.now() + SOON, connect=network)
    reported.refresh_from_db()
    assert (network.done, reported.state) == ([], ModerationState.UNSURE)


def test_what_the_network_refuses_stands_in_the_thread_in_words(
    company: Cast, network: Network, client: Client
) -> None:
    shown = opened(company, assignee=company.ana)
    theirs = shown.messages.get()
    client.force_login(company.ana)
    where = f"/w/acme/conversations/{shown.pk}/messages/{theirs.pk}/moderation"
    assert "Hide it" in client.get(where).content.decode()
    assert client.post(where, {"deed": "hide", "because": ""}).status_code == 422
    assert client.post(where, {"deed": "hide", "because": "Insults"}).status_code == 302
    network.raises = RejectedError("Nobody can hide this there.")
    step(at=timezone.now(), connect=network)
    assert "Nobody can hide this there." in client.get(f"/w/acme/conversations/{shown.pk}/").content.decode()
    client.force_login(company.ben)
    assert client.get(where).status_code == 404


def test_what_its_network_cannot_do_is_refused_before(company: Cast) -> None:
    company.channel.connector = "import"
    company.channel.save()
    theirs = opened(company, assignee=company.ana).messages.get()
    with pytest.raises(CannotModerate, match="cannot be done on"):
        asked(theirs, Deed.HIDE, company.ana)
