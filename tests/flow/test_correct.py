"""What people put right is said of the message that it is about."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from choir.flow.correct import correct
from choir.flow.reread import reread
from choir.flow.route import route
from choir.inbox.models import Conversation, State
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, opened, read_as, says

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(minutes=5)


@pytest.fixture
def company() -> Cast:
    return cast()


def _goes_on(company: Cast, conversation: Conversation, text: str, *, needs_reply: bool = False) -> Reading:
    identity = conversation.customer.identities.get()
    message = says(company, conversation, text, at=LATER, identity=identity)
    return read_as(company, message, needs_reply=needs_reply)


def test_a_mood_is_that_of_the_newest_message_and_the_objective_that_of_the_first(company: Cast) -> None:
    conversation = opened(company, "Where is my parcel?")
    thanks = _goes_on(company, conversation, "oh wow, great, thanks a lot")
    complaint = conversation.reading
    assert complaint is not None
    correct(conversation, by=company.ana, at=LATER, sentiment="negative", objective="sales")
    sold, moody = (Reading.objects.get(mention=one.mention, is_current=True) for one in (complaint, thanks))
    assert (sold.objective, sold.sentiment, sold.by) == ("sales", complaint.sentiment, company.ana)
    assert (moody.objective, moody.sentiment, moody.by) == (thanks.objective, "negative", company.ana)
    conversation.refresh_from_db()
    assert (conversation.reading, conversation.sentiment) == (sold, "negative")
    assert Reading.objects.filter(is_current=True).count() == 2


def test_what_was_noted_comes_back_however_much_was_said(company: Cast) -> None:
    conversation = arrived(company, "Lovely shop")
    first = read_as(company, conversation.messages.get(), needs_reply=False)
    _goes_on(company, conversation, "Really lovely")
    Reading.objects.update(confidences={"needs_reply": 0.9})
    assert route(at=LATER) == 1
    conversation.refresh_from_db()
    assert conversation.state == State.NOTED
    correct(conversation, by=company.cho, at=LATER, needs_reply=True)
    assert route(at=LATER) == 1
    conversation.refresh_from_db()
    assert conversation.state == State.OPEN
    first.refresh_from_db()
    assert first.is_current  # nobody said anything of it


def test_reading_anew_leaves_the_newest_mood(company: Cast) -> None:
    conversation = opened(company, "My parcel is three weeks late, this is a disgrace")
    _goes_on(company, conversation, "Thank you so much, you are wonderful!")
    for _ in reread(company.workspace, at=timezone.now):
        pass
    conversation.refresh_from_db()
    assert conversation.reading is not None
    assert (conversation.reading.sentiment, conversation.sentiment) == ("negative", "positive")
