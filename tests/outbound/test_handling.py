"""The recorded work on an answer: from the last look, over every save, to sending; pauses are left out."""

import datetime as dt

import pytest

from choir.inbox.models import Conversation, Message, Visit
from choir.outbound.actions import save_draft, send
from tests.cast import NOON, Cast, cast
from tests.conversing import opened

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


def looked(company: Cast, one: Conversation, at: dt.datetime) -> None:
    Visit.objects.create(workspace=company.workspace, conversation=one, person=company.ana, at=at)


def worked(company: Cast, one: Conversation, at: dt.datetime) -> int | None:
    send(one, text="It comes tomorrow.", seen_revision=one.revision, by=company.ana, at=at)
    return Message.objects.get(conversation=one, direction="outbound").handling_seconds


def typed(company: Cast, one: Conversation, at: dt.datetime) -> None:
    save_draft(one, kind="reply", text="It comes", seen_revision=one.revision, by=company.ana, at=at)


def test_looking_typing_and_sending_add_up_without_the_pause() -> None:
    """A look of 30 s, 20 s and 40 s of typing, an hour away, 10 s more: 30 + 20 + 40 + 10 = 100 s."""
    company = cast()
    one = opened(company, "Where is it?", assignee=company.ana)
    looked(company, one, NOON)
    at = NOON + 30 * SECOND
    typed(company, one, at)
    typed(company, one, at := at + 20 * SECOND)
    typed(company, one, at := at + 40 * SECOND)
    typed(company, one, at := at + 3600 * SECOND)
    assert worked(company, one, at + 10 * SECOND) == 100


def test_a_macro_sent_at_once_took_the_look_and_an_old_look_tells_nothing() -> None:
    company = cast()
    one, other = (opened(company, "Where is it?", assignee=company.ana) for _ in range(2))
    looked(company, one, NOON)
    assert worked(company, one, NOON + 15 * SECOND) == 15
    looked(company, other, NOON - 3600 * SECOND)
    assert worked(company, other, NOON) is None
