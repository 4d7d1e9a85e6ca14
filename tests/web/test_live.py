"""The stream: who hears of what."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from choir.inbox.models import Conversation, Participant
from choir.web.live.hearing import Hearing
from choir.web.live.listening import WAITING_NOTICES, Listener
from tests.cast import Cast
from tests.conversing import opened

NAMES = ("ana", "ben", "mia", "lea", "leo", "ada", "eve", "cho", "outsider")


def notice(row: Conversation, what: str = "message") -> dict[str, str]:
    return {
        "workspace": str(row.workspace_id),
        "conversation": str(row.pk),
        "department": str(row.department_id or ""),
        "assignee": str(row.assignee_id or ""),
        "what": what,
    }


@pytest.mark.parametrize("name", NAMES)
def test_one_hears_of_what_one_may_see(company: Cast, name: str) -> None:
    brought_in = opened(company, department="legal", objective="compliance")
    Participant.objects.create(workspace=company.workspace, conversation=brought_in, person=company.ben, because="x")
    rows = [
        brought_in,
        opened(company),
        opened(company, department="operations"),
        opened(company, department="legal", objective="compliance", assignee=company.mia),
    ]
    person = getattr(company, name)
    hearing = Hearing(person.pk, company.workspace.pk)
    hearing.read()
    for row in rows:
        visible = Conversation.objects.visible_to(person).filter(pk=row.pk).exists()
        assert hearing.may_hear(notice(row)) is visible
    assert hearing.is_over is (name == "outsider")


def test_a_notice_of_another_workspace_is_never_heard(company: Cast) -> None:
    hearing = Hearing(company.eve.pk, company.workspace.pk)
    hearing.read()
    assert not hearing.may_hear({**notice(opened(company)), "workspace": str(company.elsewhere.pk)})


def test_whoever_left_hears_nothing_more(company: Cast) -> None:
    hearing = Hearing(company.ana.pk, company.workspace.pk)
    hearing.read()
    company.ana.is_active = False
    company.ana.save()
    hearing.read()
    assert hearing.is_over


def test_whoever_cannot_keep_up_is_told_to_look_again() -> None:
    async def overflow() -> list[dict[str, str]]:
        listener = Listener()
        queue: asyncio.Queue[dict[str, str]] = asyncio.Queue(WAITING_NOTICES)
        listener._waiting.add(queue)
        for number in range(WAITING_NOTICES + 1):
            listener._tell({"conversation": str(number)})
        return [queue.get_nowait() for _ in range(queue.qsize())]

    with ThreadPoolExecutor(1) as apart:  # a browser driven by an earlier test keeps a loop in this thread
        assert apart.submit(asyncio.run, overflow()).result() == [{"what": "again"}]


def test_presence_is_told_only_where_one_may_see(company: Cast, as_ana: Client) -> None:
    other = opened(company, department="legal", objective="compliance")
    assert as_ana.post(f"/w/acme/conversations/{other.pk}/presence", {"doing": "replying"}).status_code == 404
    assert as_ana.post(f"/w/acme/conversations/{opened(company).pk}/presence", {"doing": "dancing"}).status_code == 204


def test_a_server_without_streams_says_so(as_ana: Client) -> None:
    assert as_ana.get("/w/acme/live/").status_code == 204


def test_notices_carry_no_words(company: Cast) -> None:
    assert "parcel" not in json.dumps(notice(opened(company, "Where is my parcel?")))
