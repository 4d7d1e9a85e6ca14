"""Replies that others must see before they leave: exactly that text, by enough people, never by its author."""

import datetime as dt
from types import SimpleNamespace as Company
from typing import Any

import pytest
from django.utils import timezone

from choir.inbox.models import Conversation
from choir.outbound.actions import RefusedError, TooLate, close_expired, decide, send, withdraw
from choir.outbound.models import Approval, ApprovalPolicy, Delivery, Draft
from choir.outbound.queries import approvals_waiting_for, policy_for
from choir.people.access import NotAllowedError
from choir.people.models import RoleGrant
from choir.people.policy import Role
from tests.outbound.company import write_again
from tests.outbound.network import Network


@pytest.fixture
def policy(company: Company) -> ApprovalPolicy:
    """Everything an agent of customer service writes needs two people."""
    return ApprovalPolicy.objects.create(
        organisation=company.organisation,
        name="Two pairs of eyes",
        department=company.departments["customer_service"],
        author_role="agent",
        approvers_count=2,
    )


@pytest.fixture
def asked(company: Company, conversation: Conversation, policy: ApprovalPolicy) -> Approval:
    """Ana's reply, waiting."""
    return ask(conversation, by=company.ana)


def ask(conversation: Conversation, *, by: Any, text: str = "We are sorry.") -> Approval:
    """Send a reply that policy wants approved."""
    conversation.refresh_from_db()
    approval = send(conversation, text=text, seen_revision=conversation.revision, by=by, at=timezone.now())
    assert isinstance(approval, Approval)
    return approval


def test_a_reply_leaves_once_enough_people_said_yes(
    company: Company, asked: Approval, network: Network, run: Any
) -> None:
    assert not Delivery.objects.exists()
    decide(asked, is_yes=True, by=company.leo, at=timezone.now())
    run()
    assert network.texts == []
    decide(asked, is_yes=True, by=company.lea, at=timezone.now())
    run()
    assert network.texts == ["We are sorry."]
    delivery = Delivery.objects.get()
    assert delivery.approval == asked
    assert delivery.message.person == company.ana


def test_the_author_never_approves_even_when_they_could(company: Company, asked: Approval) -> None:
    RoleGrant.objects.create(person=company.ana, role=Role.COMMUNICATIONS)
    del company.ana.standing
    with pytest.raises(NotAllowedError, match="somebody else"):
        decide(asked, is_yes=True, by=company.ana, at=timezone.now())


@pytest.mark.parametrize("who", ["nia", "ben", "ada", "cho", "eve", "outsider"])
def test_who_may_not_decide_does_not(company: Company, asked: Approval, who: str) -> None:
    with pytest.raises(NotAllowedError):
        decide(asked, is_yes=True, by=getattr(company, who), at=timezone.now())


def test_one_person_counts_once(company: Company, asked: Approval) -> None:
    decide(asked, is_yes=True, by=company.leo, at=timezone.now())
    with pytest.raises(TooLate):
        decide(asked, is_yes=True, by=company.leo, at=timezone.now())
    assert not Delivery.objects.exists()


def test_a_no_needs_a_reason_and_returns_the_text(company: Company, asked: Approval) -> None:
    with pytest.raises(RefusedError, match="Say why"):
        decide(asked, is_yes=False, because="  ", by=company.leo, at=timezone.now())
    decide(asked, is_yes=False, because="Promises too much.", by=company.leo, at=timezone.now())
    asked.refresh_from_db()
    assert asked.outcome == "declined"
    assert Draft.objects.get(person=company.ana).text == "We are sorry."
    with pytest.raises(TooLate):
        decide(asked, is_yes=True, by=company.lea, at=timezone.now())


def test_another_text_is_another_approval(company: Company, conversation: Conversation, asked: Approval) -> None:
    decide(asked, is_yes=True, by=company.leo, at=timezone.now())
    other = ask(conversation, by=company.ana, text="We are very sorry.")
    assert other.pk != asked.pk
    assert other.votes.count() == 0


def test_asking_twice_for_the_same_text_asks_once(
    company: Company, conversation: Conversation, asked: Approval
) -> None:
    assert ask(conversation, by=company.ana) == asked


def test_an_approval_is_overtaken_when_the_customer_writes_again(
    company: Company, conversation: Conversation, asked: Approval
) -> None:
    write_again(company, conversation, "Forget it.")
    decide(asked, is_yes=True, by=company.leo, at=timezone.now())
    asked.refresh_from_db()
    assert asked.outcome == "overtaken"
    assert not Delivery.objects.exists()
    assert Draft.objects.get(person=company.ana).text == "We are sorry."


def test_of_two_approved_answers_the_second_is_overtaken(
    company: Company, conversation: Conversation, asked: Approval
) -> None:
    rival = ask(conversation, by=company.nia, text="Sorry!")
    for approver in (company.leo, company.lea):
        decide(asked, is_yes=True, by=approver, at=timezone.now())
    decide(rival, is_yes=True, by=company.leo, at=timezone.now())
    rival.refresh_from_db()
    assert rival.outcome == "overtaken"
    assert Delivery.objects.count() == 1


def test_what_nobody_decided_expires(company: Company, asked: Approval) -> None:
    late = timezone.now() + dt.timedelta(days=4)
    assert close_expired(at=late) == 1
    asked.refresh_from_db()
    assert asked.outcome == "expired"
    assert Draft.objects.get(person=company.ana).text == "We are sorry."


def test_a_decision_after_the_time_ran_out_sends_nothing(company: Company, asked: Approval) -> None:
    late = timezone.now() + dt.timedelta(days=4)
    decide(asked, is_yes=True, by=company.leo, at=late)
    asked.refresh_from_db()
    assert asked.outcome == "expired"


def test_only_its_author_withdraws(company: Company, asked: Approval) -> None:
    with pytest.raises(NotAllowedError):
        withdraw(asked, by=company.lea, at=timezone.now())
    assert withdraw(asked, by=company.ana, at=timezone.now()).outcome == "withdrawn"


def test_the_queue_shows_what_a_person_may_decide(company: Company, asked: Approval) -> None:
    now = timezone.now()
    waiting = {name: approvals_waiting_for(getattr(company, name), now) for name in ("ana", "nia", "lea", "leo", "ben")}
    assert {name: len(found) for name, found in waiting.items()} == {"ana": 0, "nia": 0, "lea": 1, "leo": 1, "ben": 0}
    decide(asked, is_yes=True, by=company.leo, at=now)
    assert approvals_waiting_for(company.leo, now) == []
    assert approvals_waiting_for(company.outsider, now) == []


def test_the_policy_that_asks_for_most_people_holds(company: Company, conversation: Conversation) -> None:
    def policy(name: str, **conditions: Any) -> ApprovalPolicy:
        return ApprovalPolicy.objects.create(organisation=company.organisation, name=name, **conditions)

    conversation.objective = company.objectives["care"]
    assert policy_for(conversation, author=company.ana) is None
    policy("operations", department=company.departments["operations"])
    policy("sales", objective=company.objectives["sales"])
    policy("publishers", author_role="publisher")
    assert policy_for(conversation, author=company.ana) is None
    one = policy("care", objective=company.objectives["care"])
    assert policy_for(conversation, author=company.ana) == one
    two = policy("agents", author_role="agent", approvers_count=2)
    assert policy_for(conversation, author=company.ana) == two
    assert policy_for(conversation, author=company.lea) == one
