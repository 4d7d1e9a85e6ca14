"""Today: what waits for whom, what moved, and that it costs the same however much waits."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from choir.channels.models import Arrival, ArrivalSource, Channel, ChannelState
from choir.inbox.consulting import ask
from choir.outbound.models import Approval
from choir.people.policy import Role
from choir.web.today.views import PARTS
from tests.cast import Cast
from tests.conversing import opened
from tests.measurement.happening import DAY, HOUR, begun, handed, promised
from tests.measurement.happening import measured as take_in

HERE = "/w/acme/today/"


def page_of(person: object) -> str:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a Person is what it takes
    answer = client.get(HERE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_role_has_its_parts() -> None:
    assert set(PARTS) == set(Role)


def test_the_start_leads_to_today(company: Cast) -> None:
    client = Client()
    client.force_login(company.ana)
    assert client.get("/", follow=True).redirect_chain[-1][0] == HERE


def test_nothing_waits_is_said(company: Cast) -> None:
    assert "Nothing waits for you." in page_of(company.ana)


def test_mine_stand_by_clock_and_late_ones_are_counted(company: Cast) -> None:
    now = timezone.now()
    for words, due in (("second", now + HOUR), ("first", now - HOUR), ("without", None)):
        one = opened(company, words, assignee=company.ana)
        one.due_at = due
        one.save()
    opened(company, "of another", assignee=company.lea)
    page = page_of(company.ana)
    assert page.index("first") < page.index("second") < page.index("without")
    assert "of another" not in page
    assert "3 conversations of yours are open (1 late)" in page


def test_what_nobody_has_is_shown_to_its_department(company: Cast) -> None:
    opened(company, "Somebody there?")
    assert "Somebody there?" in page_of(company.ana)
    assert "Somebody there?" not in page_of(company.ben)


def test_an_approval_waits_for_who_may_decide_and_never_for_its_author(company: Cast) -> None:
    one, now = opened(company), timezone.now()
    for author, text in ((company.ana, "We pay you back."), (company.leo, "We are not liable.")):
        Approval.objects.create(
            workspace=company.workspace, conversation=one, author=author, text=text, seen_revision=1,
            approvers_count=1, asked_at=now, expires_at=now + DAY,
        )  # fmt: skip
    page = page_of(company.leo)
    assert "We pay you back." in page
    assert "We are not liable." not in page
    assert "We pay you back." not in page_of(company.ana)


def test_a_question_waits_for_whom_it_was_asked(company: Cast) -> None:
    now = timezone.now()
    ask(
        opened(company), department=company.departments["legal"], question="May we say this?",
        answer_by=now + HOUR, by=company.ana, at=now,
    )  # fmt: skip
    assert "May we say this?" in page_of(company.leo)
    assert "May we say this?" not in page_of(company.ben)


def test_the_administrator_sees_channels_and_what_could_not_be_read(company: Cast) -> None:
    Channel.objects.update(state=ChannelState.SIGN_IN_NEEDED, state_because="The password was refused.")
    Arrival.objects.create(
        workspace=company.workspace, channel=company.channel, key="k", source=ArrivalSource.WEBHOOK, payload=b"{",
        received_at=timezone.now(), heard_at=timezone.now(), set_aside_because="It is not JSON.",
    )  # fmt: skip
    page = page_of(company.ada)
    assert "The password was refused." in page
    assert "It is not JSON." in page
    assert "The password was refused." not in page_of(company.ana)
    Channel.objects.update(state=ChannelState.PAUSED)
    assert "The password was refused." not in page_of(company.ada)


def test_an_executive_has_five_figures(company: Cast) -> None:
    now = timezone.now()
    begun(company, now - HOUR)
    take_in(company, at=now)
    assert page_of(company.eve).count('class="tile"') == 5


def test_yesterday_stands_beside_the_same_weekday_before(company: Cast) -> None:
    now = timezone.now()
    noon_yesterday = (now - DAY).replace(hour=12, minute=0)
    for _ in range(3):
        begun(company, noon_yesterday)
    begun(company, noon_yesterday - 7 * DAY)
    take_in(company, at=now)
    page = page_of(company.ana)
    assert "Against the same weekday before." in page
    assert "2 more" in page


@pytest.mark.parametrize("count", [9, 12])
def test_a_suggestion_needs_support(company: Cast, count: int) -> None:
    now = timezone.now()
    for _ in range(count):
        handed(company, begun(company, now - DAY, department="customer_service"), "operations", now - HOUR)
    take_in(company, at=now)
    page = page_of(company.cho)
    assert ("Should Operations own more of Care?" in page) is (count >= 10)
    if count >= 10:
        assert "Customer service gave Operations 12 conversations in 28 days, 100% of them Care; 0 came back." in page


def test_promises_not_kept_are_a_suggestion_too(company: Cast) -> None:
    now = timezone.now()
    for number in range(20):
        one = begun(company, now - DAY)
        promised(company, one, due=now - 20 * HOUR, kept=now - (19 if number < 10 else 21) * HOUR)
    take_in(company, at=now)
    assert "10 of 20 first responses promised were late in 28 days." in page_of(company.lea)


def queries_of(person: object) -> int:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a Person is what it takes
    client.get(HERE)
    with CaptureQueriesContext(connection) as seen:
        client.get(HERE)
    return len(seen)


@pytest.mark.parametrize("name", ["ana", "lea", "leo", "eve", "cho", "ada"])
def test_the_queries_do_not_grow_with_what_waits(name: str, company: Cast) -> None:
    person, now = company.people[name], timezone.now()

    def more(number: int) -> None:
        for _ in range(number):
            one = opened(company, assignee=person if name in ("ana", "lea") else None, at=now)
            Approval.objects.create(
                workspace=company.workspace, conversation=one, author=company.mia, text="A text", seen_revision=1,
                approvers_count=1, asked_at=now, expires_at=now + dt.timedelta(days=1),
            )  # fmt: skip
            ask(
                one, department=company.departments["legal"], question="?", answer_by=now + HOUR, by=company.lea, at=now
            )
        take_in(company, at=now)

    more(2)
    few = queries_of(person)
    more(12)
    many = queries_of(person)
    assert many <= few + 4  # a count for each list that has more than it shows
    assert many <= 40


def test_other_companies_get_404(company: Cast) -> None:
    client = Client()
    client.force_login(company.outsider)
    assert client.get(HERE).status_code == 404
