"""Customers to hear: chosen for spread, the same for the same week, kept; what a leader does, and what came of it."""

import uuid
from http import HTTPStatus

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from choir.executive.choosing import Candidate, choose
from choir.executive.jobs import brief
from choir.executive.mailing import composed
from choir.executive.models import Attention, Brief, BriefPolicy, Hearing
from choir.executive.weeks import WRITTEN_HOUR
from choir.inbox.consulting import answer_consult
from choir.inbox.models import Consult, Message
from choir.measurement.tally import tally
from choir.outbound.models import Approval, ApprovalPolicy, Draft
from tests.cast import Cast, cast
from tests.measurement.happening import DAY, HOUR, begun, measured

WORDS = "My parcel was due on Tuesday, and nobody tells me where it is."


def candidate(number: int, customer: int = 0, substance: float = 0.0, **facets: str) -> Candidate:
    return Candidate(uuid.UUID(int=number), uuid.UUID(int=customer or 1000 + number), facets, substance)


def numbers(candidates: list[Candidate], count: int) -> list[int]:
    return [one.candidate.conversation_id.int for one in choose(candidates, count)]


def test_what_is_lacking_comes_first_and_no_customer_twice() -> None:
    told = [
        candidate(1, language="en", mood="negative", substance=1.0),
        candidate(2, language="en", mood="negative", substance=0.9),
        candidate(3, language="ja", mood="negative"),
        candidate(4, language="en", mood="positive"),
        candidate(5, customer=1001, language="nl", mood="mixed"),  # new in everything, but the first one's customer
    ]
    first = max(told, key=lambda one: one.substance)
    assert first.conversation_id.int == numbers(told, 1)[0] == 1
    assert set(numbers(told, 3)) == {1, 3, 4}
    assert numbers(told, 5) == numbers(told[::-1], 5)  # whatever the order in which they come
    assert [one.reasons[0] for one in choose(told, 3) if one.candidate.facets["language"] == "ja"] == [
        ("language", "ja", 1)
    ]


def test_greedy_spread_takes_one_of_each_before_two_of_any() -> None:
    objectives = ("care", "sales", "talent", "reputation", "advocacy")
    crowd = [candidate(100 * at + n, objective=one) for at, one in enumerate(objectives, 1) for n in range(20)]
    chosen = [one.candidate.facets["objective"] for one in choose(crowd, 10)]
    assert sorted(chosen) == sorted(objectives * 2)
    assert set(chosen[:5]) == set(objectives)


@pytest.fixture
def company(db: None) -> Cast:
    """A counted week with an unhappy and a happy customer; the brief is written."""
    company = cast()
    at = timezone.now()
    for objective, mood in (("care", "negative"), ("sales", "positive")):
        one = begun(company, at - 3 * DAY, objective=objective, sentiment=mood)
        Message.objects.filter(conversation=one).update(text=f"{WORDS} {objective}")
        one.last_inbound_at = at - 3 * DAY
        one.save()
    measured(company, at)
    tally(at=at)
    weekday = (at - WRITTEN_HOUR * HOUR).weekday()  # its briefs are written today, whatever day that is
    BriefPolicy.objects.create(workspace=company.workspace, weekday=weekday)
    assert brief(at=at) == 1
    return company


def browser(company: Cast, name: str) -> Client:
    client = Client()
    client.force_login(company.people[name])
    return client


def at(name: str, hearing: Hearing) -> str:
    return reverse(name, kwargs={"workspace": "acme", "hearing": hearing.pk})


def test_a_leader_hears_asks_and_answers_through_the_gate(company: Cast) -> None:
    assert Hearing.objects.count() == 2
    hearing = Hearing.objects.get(facets__objective="care")
    assert "the only one about care" in hearing.because
    policy = ApprovalPolicy.objects.create(organisation=company.organisation, name="Leaders", author_role="executive")
    eve, lea = browser(company, "eve"), company.lea
    page = eve.get(at("executive_hearing", hearing)).content.decode()
    assert WORDS in page
    eve.post(at("executive_starring", hearing), {"starred": "yes"})
    legal = company.departments["legal"]
    eve.post(at("executive_question", hearing), {"department": str(legal.pk), "question": "Do we owe them?"})
    assert Consult.objects.get(department=legal).asked_by == company.eve
    eve.post(at("executive_drafting", hearing), {"wish": "Say that I am sorry."})
    refused = eve.post(at("executive_drafting", hearing), {"wish": "Once more."})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    attention = Attention.objects.get()
    assert attention.starred_at is not None
    assert attention.drafting is not None
    assert attention.drafting.department == company.departments["customer_service"]
    answer_consult(attention.drafting, text="I am sorry: it comes today.", by=lea, at=timezone.now())
    assert "I am sorry: it comes today." in eve.get(at("executive_hearing", hearing)).content.decode()
    today = reverse("today", kwargs={"workspace": "acme"})
    assert "Drafted for you" in eve.get(today).content.decode()
    answer = eve.post(at("executive_draft", hearing))
    assert answer.status_code == HTTPStatus.FOUND
    draft = Draft.objects.get(person=company.eve)
    reply = reverse("conversation-reply", kwargs={"workspace": "acme", "conversation": hearing.conversation_id})
    eve.post(reply, {"text": draft.text, "revision": draft.seen_revision, "kind": "reply"})
    assert Approval.objects.get().policy == policy
    page = eve.get(at("executive_hearing", hearing)).content.decode()
    assert "waits for approval" in page
    assert "Drafted for you" not in eve.get(today).content.decode()


def test_who_hears_and_who_does_not(company: Cast) -> None:
    hearing = Hearing.objects.get(facets__objective="care")
    here = reverse("executive_hearings", kwargs={"workspace": "acme"})
    for name, status in (("eve", HTTPStatus.OK), ("cho", HTTPStatus.OK), ("leo", HTTPStatus.FORBIDDEN)):
        assert browser(company, name).get(here).status_code == status
    outsider = Client()
    outsider.force_login(company.outsider)
    assert outsider.get(at("executive_hearing", hearing)).status_code == HTTPStatus.NOT_FOUND
    cho = browser(company, "cho")
    cho.get(at("executive_hearing", hearing))
    assert (
        cho.post(at("executive_drafting", hearing), {"wish": ""}).status_code == HTTPStatus.FORBIDDEN
    )  # answers nobody


def test_a_brief_is_mailed_once_to_those_who_asked(company: Cast, settings: Settings) -> None:
    newest = Brief.objects.order_by("-last_on")[0]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    eve = browser(company, "eve")
    eve.post(reverse("executive_mailing", kwargs={"workspace": "acme"}), {"wanted": "yes"})
    now = timezone.now()
    assert brief(at=now) == 0  # the next one, not the one that is there
    Brief.objects.create(
        workspace=company.workspace, first_on=newest.last_on + DAY, last_on=newest.last_on + 7 * DAY, counted_at=now,
        written_at=now, figures=newest.figures, sentences=newest.sentences, risks=newest.risks, waiting=[],
    )  # fmt: skip
    assert brief(at=now) == 1
    assert brief(at=now) == 0
    assert [one.to for one in mail.outbox] == [[company.eve.email]]
    html = str(composed(newest, to="x@acme.example").alternatives[0][0])
    assert "came in</a>" in html  # the words are links
