"""What was overheard: nobody's work, until somebody takes it up or it tells of a danger; and nobody's again."""

import itertools

import pytest

from choir.channels.contract import Kind
from choir.events.models import Event
from choir.flow.listen import heard
from choir.flow.take_up import conversation_of, put_back, take_up
from choir.inbox.actions import NotPossibleError
from choir.inbox.models import Conversation, State
from choir.listening.models import Match, Mention, Wording
from choir.listening.seeking import Sought, add_query
from choir.people.access import NotAllowedError
from choir.triage.models import Reading
from tests import conversing
from tests.cast import NOON, Cast, cast

numbers = itertools.count(1)


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def overheard(company: Cast, text: str, *, objective: str = "care", urgency: int = 0) -> Mention:
    """A search found it, and it was read."""
    mention = Mention.objects.create(
        workspace=company.workspace, channel=company.channel, identity=conversing.customer(company),
        external_id=f"o{next(numbers)}", kind=Kind.POST, is_addressed=False, text=text, posted_at=NOON,
        received_at=NOON, read_at=NOON,
    )  # fmt: skip
    reading = Reading.objects.create(
        workspace=company.workspace, mention=mention, version="test", at=NOON, language="en", sentiment="negative",
        sentiment_score=-1, intent="complaint", objective=objective, objective_confidence=0.9, urgency=urgency,
        needs_reply=True,
    )  # fmt: skip
    heard([mention], [reading])
    return mention


def test_what_is_overheard_is_nobodys_work(company: Cast) -> None:
    mention = overheard(company, "Acme lost my parcel")
    assert Wording.objects.filter(mention=mention).exists()
    assert not Conversation.objects.exists()


def test_taken_up_it_is_open_with_its_owner_and_put_back_it_is_noted(company: Cast) -> None:
    mention = overheard(company, "Acme lost my parcel")
    conversation = take_up(mention, by=company.mia, at=NOON)
    assert conversation.state == State.OPEN
    assert conversation.department == company.departments["customer_service"]
    assert conversation.due_at is not None
    event = Event.objects.about("conversation", conversation.pk).get(verb="conversation.routed")
    assert event.by == company.mia
    assert take_up(mention, by=company.ana, at=NOON) == conversation
    assert put_back(mention, by=company.mia, at=NOON).state == State.NOTED
    assert take_up(mention, by=company.mia, at=NOON).state == State.OPEN
    assert Conversation.objects.count() == 1


def test_a_danger_is_somebodys_work_without_anybody_asking_if_a_query_looks_for_it(company: Cast) -> None:
    unasked = overheard(company, "The charger caught fire", urgency=3)
    add_query(company.workspace, sought=Sought("Fire", "fire"), by=company.cho, at=NOON)
    asked = overheard(company, "My Acme charger caught fire", urgency=3)
    assert conversation_of(unasked) is None
    found = conversation_of(asked)
    assert found is not None
    assert found.state == State.ARRIVING
    assert Match.objects.filter(mention=asked).exists()


def test_work_of_the_inbox_is_not_put_back_from_here(company: Cast) -> None:
    conversation = conversing.opened(company)
    mention = conversation.messages.get().mention
    assert mention is not None
    with pytest.raises(NotPossibleError):
        put_back(mention, by=company.mia, at=NOON)


def test_who_gives_no_work_takes_nothing_up(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        take_up(overheard(company, "Acme lost my parcel"), by=company.eve, at=NOON)
