"""The loaded demo company holds together: true times, real owners, figures that follow from the record."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections import Counter, defaultdict

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F, Model
from django.test import Client

from choir.channels.contract import Item
from choir.channels.models import Arrival, Channel
from choir.channels.registry import reader
from choir.customers.models import Customer
from choir.demo.company import CONTENT
from choir.demo.content import threads
from choir.demo.load import AlreadyLoadedError, load
from choir.demo.remove import remove
from choir.events.models import Event
from choir.executive.models import Brief
from choir.governance.models import Decision
from choir.governance.reviewing import review
from choir.inbox.models import Assignment, Clock, Consult, Conversation, Direction, Message, Note, State
from choir.listening.models import Mention, Spike
from choir.measurement.models import Course
from choir.outbound.models import Approval, Delivery, DeliveryState
from choir.people.models import Department, Organisation, Person, RoleGrant, Workspace
from choir.people.policy import Role
from choir.pilots.models import Pilot
from choir.routing.models import Ownership
from choir.sandbox.models import Account, Post
from choir.strategy.models import KPI, Goal
from choir.triage.learning.models import Adaptation, Drift, Standing
from choir.triage.models import Reading
from choir.web.files import FORMATS
from choir.web.tour.steps import STORY, steps_for
from tests.demo.conftest import Demonstration, rows_by_table
from tests.thoroughness import PAGE_STEP
from tests.web.figure_pages import FigurePage, disagreeing, looked_at
from tests.web.test_every_page import pages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _loaded(demonstration: Demonstration) -> None:
    """Every test looks at the loaded company."""


def test_every_thread_is_there_and_ends_as_it_was_written() -> None:
    written = {thread.turns[0].text: thread for thread in threads()}
    for conversation in Conversation.objects.prefetch_related("messages"):
        first = min(conversation.messages.all(), key=lambda message: message.at)
        assert conversation.state == written.pop(first.text).end
    assert not written


def test_there_is_enough_of_it(demonstration: Demonstration) -> None:
    assert demonstration.loaded.departments == 12
    assert Message.objects.values("text").distinct().count() >= 600
    assert len({thread.language for thread in threads()} - {"und"}) >= 8
    assert Customer.objects.filter(identities__network="x").filter(identities__network="email").exists()


def test_every_text_was_written_for_it() -> None:
    by_leaders = tomllib.loads((CONTENT / "leaders.toml").read_text(encoding="utf-8"))["answers"]
    written = {turn.text for thread in threads() for turn in thread.turns} | {one["text"] for one in by_leaders}
    assert set(Message.objects.values_list("text", flat=True)) <= written
    assert set(Note.objects.values_list("text", flat=True)) <= written
    assert set(Approval.objects.values_list("text", flat=True)) <= written


def test_nothing_happens_after_now_or_before_it_arrived(demonstration: Demonstration) -> None:
    assert not Event.objects.filter(at__gt=demonstration.at).exists()
    assert not Message.objects.filter(at__gt=demonstration.at).exists()
    began: dict[object, dt.datetime] = {}
    for subject, verb, at in (
        Event.objects.filter(subject_type="conversation").order_by("id").values_list("subject_id", "verb", "at")
    ):
        assert verb == "conversation.arrived" or at >= began[subject], verb
        began.setdefault(subject, at)


def test_every_open_conversation_has_an_owner_and_a_reason() -> None:
    present = {one.conversation_id: one for one in Assignment.objects.filter(ended_at=None)}
    for conversation in Conversation.objects.filter(state__in=[State.OPEN, State.SNOOZED]):
        assert conversation.department_id
        assert conversation.team_id
        stretch = present[conversation.pk]
        assert stretch.because
        assert (stretch.department_id, stretch.team_id) == (conversation.department_id, conversation.team_id)
        assert stretch.person_id == conversation.assignee_id


def test_whoever_waits_has_not_waited_for_long(demonstration: Demonstration) -> None:
    waiting = Conversation.objects.filter(state=State.OPEN, has_problem=False, waiting_since__isnull=False)
    assert waiting.count() > 20
    assert waiting.filter(last_inbound_at__lt=demonstration.at - dt.timedelta(days=9)).count() == 0


def test_routing_used_the_matrix_of_its_time() -> None:
    change = Ownership.objects.get(topic="delivery", version=2)
    used = Assignment.objects.filter(ownership__topic="delivery").select_related("ownership")
    assert {one.ownership.version for one in used if one.ownership} == {1, 2}
    for one in used:
        assert one.ownership is not None
        assert (one.at >= change.effective_from) == (one.ownership.version == 2)
        assert f"(version {one.ownership.version})" in one.because


def test_the_pilot_tells_what_the_committee_decided_by() -> None:
    pilot = Pilot.objects.get()
    look = pilot.looks.get()
    found = look.found["first_response"]
    assert look.is_enough
    assert found["high"] < 0  # sooner
    assert min(found["n_owner"], found["n_candidate"]) >= 20  # chance gave about half to each


def test_one_reading_of_a_mention_counts_and_people_have_corrected_some() -> None:
    assert Reading.objects.filter(is_current=True).count() == Mention.objects.count()
    corrections = Reading.objects.filter(version="person")
    assert 0 < corrections.count() < Mention.objects.count() / 2
    assert all(one.by_id for one in corrections)


def test_first_response_times_in_the_record_are_those_of_the_messages() -> None:
    stated = {
        event.subject_id: event.facts["first_response_seconds"]
        for event in Event.objects.filter(verb="message.sent")
        if "first_response_seconds" in event.facts
    }
    said: dict[object, dict[str, list[dt.datetime]]] = defaultdict(lambda: defaultdict(list))
    for message in Message.objects.exclude(sent_at=None):
        said[message.conversation_id][message.direction].append(message.at)
    worked_out = {
        pk: int((min(turns[Direction.OUTBOUND]) - min(turns[Direction.INBOUND])).total_seconds())
        for pk, turns in said.items()
        if turns[Direction.OUTBOUND]
    }
    assert stated == worked_out
    measured = {course.conversation_id: course.first_response_seconds for course in Course.objects.all()}
    assert {pk: seconds for pk, seconds in measured.items() if seconds is not None} == worked_out


def test_promises_are_mostly_kept_and_sometimes_not() -> None:
    settled = Clock.objects.exclude(is_met=None)
    kept = settled.filter(is_met=True).count() / settled.count()
    assert 0.6 < kept < 0.97


def test_problems_approvals_and_questions_wait_for_somebody() -> None:
    assert Delivery.objects.problems().count() == 2
    assert (
        Delivery.objects.exclude(state__in=[DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNSURE]).count()
        == 0
    )
    assert Approval.objects.filter(closed_at=None).count() == 3
    assert not Approval.objects.filter(votes__person=F("author")).exists()
    assert Consult.objects.waiting().exists()


def test_the_network_shows_what_the_inbox_shows() -> None:
    posts = {str(post.pk): post for post in Post.objects.all()}
    for message in Message.objects.exclude(external_id=""):
        assert posts[message.external_id].text == message.text
    for account in Account.objects.filter(is_demo=True):
        numbers = list(Post.objects.filter(company=account).order_by("id").values_list("number", flat=True))
        assert numbers == list(range(1, account.last_number + 1))


def test_the_pilot_tells_its_sides_apart_and_the_tour_shows_it(demonstration: Demonstration) -> None:
    pilot = Pilot.objects.get()
    sides = Counter(pilot.draws.values_list("is_candidate", flat=True))
    assert min(sides[True], sides[False]) >= 20, sides
    look = pilot.looks.get()
    assert look.is_enough
    found = look.found[pilot.metric]
    assert found["low"] < found["effect"] < found["high"] < 0
    review(at=demonstration.at)
    assert pilot.ending.decision_id is not None
    effect = Decision.objects.get(pk=pilot.ending.decision_id).review.effect
    assert effect["low"] < effect["effect"] < effect["high"]
    champion = Person.objects.get(name="Kirsten Vale")
    assert len(steps_for(champion, pilot.workspace)) == len(STORY)


def test_every_kind_of_reason_is_there_and_each_part_of_it_leads_somewhere() -> None:
    client, here = as_champion()
    by_kind: dict[str, tuple[Conversation, list[list[str]]]] = {}
    for stretch in Assignment.objects.filter(ended_at=None).select_related("conversation").order_by("-at"):
        for _, kind, _ in stretch.parts:
            by_kind.setdefault(kind, (stretch.conversation, stretch.parts))
        if stretch.conversation.is_unsure:
            by_kind["unsure"] = (stretch.conversation, stretch.parts)
    assert by_kind.keys() >= {
        "reading", "cell", "rule", "person", "team", "decision", "customer", "pilot", "unsure",
    }  # fmt: skip
    assert any("triage is unsure" in words for words, _, _ in by_kind["unsure"][1])
    for conversation, parts in by_kind.values():
        shown = client.get(f"{here}conversations/{conversation.pk}/").context["reason"]
        assert len(shown) == len(parts)
        for link, (words, kind, _) in zip(shown, parts, strict=True):
            assert bool(link.url) == bool(kind), words
            assert not link.url or client.get(link.url).status_code == 200, link.url


def test_something_drifts_and_what_people_taught_was_judged() -> None:
    drift = Drift.objects.get(about="objective")
    assert (drift.about, drift.name, drift.ended_at) == ("objective", "talent", None)
    assert str(drift.department) == "HR"
    assert drift.now > 3 * drift.before
    judged = {one.field: one for one in Adaptation.objects.all()}
    assert judged.keys() >= {"objective", "department"}
    for version in judged.values():
        assert version.judgement["stood"] > 100
        is_better = version.judgement["after"] > version.judgement["before"]
        assert version.standing == Standing.REFUSED or is_better


def test_what_arrived_can_be_heard_again() -> None:
    channels = {channel.pk: reader(channel) for channel in Channel.objects.all()}
    mentions = {mention.arrival_id: mention for mention in Mention.objects.all()}
    for arrival in Arrival.objects.all():
        (item,) = channels[arrival.channel_id].items(arrival.raw)
        assert isinstance(item, Item)
        assert item.external_id == mentions[arrival.pk].external_id
        assert item.text == mentions[arrival.pk].text


@pytest.mark.parametrize(
    "page",
    [
        "insights/", "insights/cost/", "insights/csat/", "insights/engagement_rate/", "insights/handovers/",
        "insights/share_of_voice/", "customers/journey/people/", "ownership/care/evidence/",
    ],
)  # fmt: skip
def test_every_figure_opens_and_every_table_is_taken_away(page: str) -> None:
    client, here = as_champion()
    shown = FigurePage(client.get(here + page).content.decode())
    assert shown.tables_count
    assert shown.taken_count >= len(FORMATS)
    assert shown.bare == []
    for url in shown.figures[:3]:
        opened = FigurePage(client.get(url).content.decode())
        assert opened.tables_count
        assert opened.taken_count >= len(FORMATS)


@pytest.mark.parametrize(
    "page", ["today/", "executive/", "executive/overview/", "ownership/care/evidence/", "strategy/", "misrouting/"]
)
def test_a_figure_says_the_number_of_the_page_that_it_opens(page: str) -> None:
    client, here = as_champion()
    assert disagreeing(client, here + page) == []


def test_no_table_of_any_page_stays_there_and_no_large_figure_is_closed() -> None:
    """The pages are read from the URL table, so that a new one is looked at without being named here; an address with
    an id is filled from the first row of the company."""
    client, here = as_champion()
    rows: dict[str, type[Model]] = {"kpi": KPI, "goal": Goal, "pilot": Pilot, "decision": Decision, "spike": Spike}
    known = {name: model._default_manager.earliest("pk").pk for name, model in rows.items()}
    day = Brief.objects.latest("last_on").last_on.isoformat()
    known |= {"workspace": here.split("/")[2], "objective": "care", "day": day, "what": "recorded"}
    found = looked_at(client, [url for url in sorted(pages(known)) if url.startswith(here)][::PAGE_STEP])
    assert [f"{url}: {one}" for url, page in found.items() for one in (*page.left, *page.tiles)] == []
    assert sum(page.tables_count for page in found.values()) > 40 / PAGE_STEP / 2


def test_a_table_taken_from_its_page_is_the_page_s() -> None:
    client, here = as_champion()
    url = f"{here}executive/overview/"
    page = client.get(url).content.decode()
    taken = json.loads(client.get(f"{url}?take=departments.json").content)
    assert [one["department"] for one in taken["rows"]] == list(
        Department.objects.filter(organisation=Workspace.objects.get().organisation).values_list("name", flat=True)
    )
    service = next(one for one in taken["rows"] if one["department"] == "Customer service")
    assert isinstance(service["conversations"], int | float)
    assert 0 < service["first_responses_in_time"] < 1
    assert f"{service['first_responses_in_time'] * 100:.1f}".removesuffix(".0") in page
    assert client.get(f"{url}?take=departments.csv").content.decode("utf-8-sig").startswith("department,")
    assert client.get(f"{url}?take=nothing.csv").status_code == 404
    assert client.get(f"{url}?take=departments.exe").status_code == 404


def as_champion() -> tuple[Client, str]:
    """Signed in as the champion, with where the workspace begins."""
    client = Client()
    client.force_login(RoleGrant.objects.filter(role=Role.CHAMPION)[0].person)
    return client, f"/w/{Workspace.objects.get().slug}/"


def test_nobody_of_it_has_a_password() -> None:
    assert not any(person.has_usable_password() for person in Person.objects.all())


def test_loading_twice_is_refused(demonstration: Demonstration) -> None:
    with pytest.raises(AlreadyLoadedError, match="there already"):
        load(at=demonstration.at)


def test_removal_leaves_nothing(demonstration: Demonstration) -> None:
    """In this test's transaction, so that the other tests keep the company."""
    Organisation.objects.create(name="Another", slug="another")
    session = SessionStore()
    session["_auth_user_id"] = str(Person.objects.earliest("created_at").pk)
    session.save()
    assert remove() > 10_000
    after = rows_by_table()
    assert {name: count for name, count in after.items() if count != demonstration.before.get(name)} == {
        "people_organisation": 1
    }
