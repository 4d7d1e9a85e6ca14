"""The inbox's pages: who may ask, what they show, how much they cost."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from choir.inbox import actions, consulting
from choir.inbox.models import Conversation, Label, Note, SavedView, State, Visit
from choir.knowledge.models import Macro
from tests.cast import Cast
from tests.conversing import arrived, customer, opened, says

NOUNS = ("", "reply", "notes", "consults", "draft", "macro", "resolution", "snooze", "assignment", "handover",
         "labels", "correction", "answers", "presence")  # fmt: skip
Asserting = Callable[[int], AbstractContextManager[object]]


def address(conversation: Conversation, noun: str = "") -> str:
    return f"/w/acme/conversations/{conversation.pk}/{noun}"


@pytest.mark.parametrize("noun", NOUNS)
def test_the_outsider_and_other_departments_get_404(company: Cast, client: Client, noun: str) -> None:
    theirs = opened(company, department="legal", objective="compliance")
    for person in (company.outsider, company.ana):
        client.force_login(person)
        assert client.get(address(theirs, noun)).status_code in {404, 405}
        assert client.post(address(theirs, noun), {"text": "x", "to": "me"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == State.OPEN
    assert theirs.assignee is None
    assert not Note.objects.exists()


def test_departments_that_share_a_channel_do_not_see_each_other(company: Cast, as_ana: Client) -> None:
    opened(company, "ours to answer")
    other = opened(company, "only legal's", department="legal", objective="compliance")
    for path in ("/w/acme/inbox/?view=all", "/w/acme/inbox/?q=legal", "/w/acme/palette?q=legal",
                 f"/w/acme/inbox/rows?view=all&id={other.pk}", "/w/acme/inbox/?view=department"):  # fmt: skip
        assert "only legal" not in as_ana.get(path).content.decode(), path
    listed = as_ana.get("/w/acme/inbox/?view=all")
    assert [row["conversation"].excerpt for row in listed.context["rows"]] == ["ours to answer"]
    all_of_them = next(view for view in listed.context["groups"]()[0]["views"] if "view=all" in view["url"])
    assert all_of_them["count"] == "1"


def test_an_administrator_runs_the_platform_and_reads_nothing(company: Cast, client: Client) -> None:
    client.force_login(company.ada)
    opened(company)
    assert client.get("/w/acme/inbox/?view=all").context["rows"] == []


def test_somebody_without_the_permission_gets_403(company: Cast, client: Client) -> None:
    client.force_login(company.cho)  # sees everything, answers nothing
    shown = opened(company)
    assert client.get(address(shown)).status_code == 200
    assert client.post(address(shown, "reply"), {"text": "x"}).status_code == 403
    assert client.post(address(shown, "resolution")).status_code == 403


def test_the_list_costs_at_most_eight_queries(
    company: Cast, as_ana: Client, django_assert_max_num_queries: Asserting
) -> None:
    for number in range(12):
        opened(company, f"words {number}", assignee=company.ana)
    as_ana.get("/w/acme/inbox/")
    with django_assert_max_num_queries(8):
        as_ana.get("/w/acme/inbox/", headers={"HX-Request": "true", "HX-Target": "list"})


def test_a_conversation_costs_the_same_whatever_its_length(
    company: Cast, as_ana: Client, django_assert_max_num_queries: Asserting
) -> None:
    short = opened(company)
    long = opened(company)
    who = customer(company)
    for number in range(70):
        says(company, long, f"and another thing {number}", at=long.last_message_at, identity=who)
    as_ana.get(address(opened(company)))  # counts, and whom one can ask, are kept for some seconds
    costs = []
    for shown in (short, long):
        with CaptureQueriesContext(connection) as captured:
            as_ana.get(address(shown))
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 20  # the list beside it included


def test_a_page_shows_whatever_its_conversation_has(company: Cast, as_ana: Client) -> None:
    shown = opened(company, assignee=company.ana)
    Macro.objects.create(organisation=company.organisation, name="Say sorry", text="We are sorry.")
    actions.add_note(shown, text="she rang as well", mentioned=[], by=company.ana, at=shown.last_message_at)
    actions.put_label(shown, name="storm", by=company.ana, at=shown.last_message_at)
    consulting.ask(
        shown, department=company.departments["legal"], expert=None, question="may we say so?",
        answer_by=shown.last_message_at + dt.timedelta(hours=1), by=company.ana, at=shown.last_message_at,
    )  # fmt: skip
    as_ana.post(address(shown, "draft"), {"kind": "reply", "text": "half a thought", "revision": shown.revision})
    page = as_ana.get(address(shown)).content.decode()
    for words in ("Say sorry", "she rang as well", "storm", "may we say so?", "half a thought"):
        assert words in page, words


def test_message_fifty_one_can_be_reached(company: Cast, as_ana: Client) -> None:
    shown = opened(company, "the very first words")
    who = customer(company)
    for number in range(60):
        says(company, shown, f"thing {number}", at=shown.last_message_at, identity=who)
    newest = as_ana.get(address(shown))
    assert "the very first words" not in _thread(newest)
    assert "the very first words" in _thread(as_ana.get(newest.context["earlier_url"]))


def _thread(response: object) -> str:
    text: str = response.content.decode()  # type: ignore[attr-defined]
    return text[text.index('id="thread"') : text.index('id="conversation-presence"')]


def test_text_is_text(company: Cast, as_ana: Client) -> None:
    shown = opened(company, "<script>alert(1)</script> & <b>bold</b>")
    page = as_ana.get(address(shown)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_empty_selects_are_no_filter(company: Cast, as_ana: Client) -> None:
    opened(company)
    query = "view=all&objective=&department=&channel=&network=&language=&sentiment=&assignee=&label=&state=&since=&q="
    assert len(as_ana.get(f"/w/acme/inbox/?{query}").context["rows"]) == 1


@pytest.mark.parametrize("query", ["objective=care", "department=customer_service", "network=sandbox", "state=open",
                                   "assignee=nobody", "label=VIP", "since=2026-01-01", "until=2027-01-01",
                                   "language=en", "sentiment=negative", "q=parcel"])  # fmt: skip
def test_each_filter_keeps_what_fits_and_drops_what_does_not(company: Cast, as_ana: Client, query: str) -> None:
    fits = opened(company, "where is my parcel")
    fits.language, fits.sentiment = "en", "negative"
    fits.save()
    label = Label.objects.create(workspace=company.workspace, name="vip")
    fits.labellings.create(workspace=company.workspace, label=label)
    rows = as_ana.get(f"/w/acme/inbox/?view=all&{query}").context["rows"]
    assert [row["conversation"].pk for row in rows] == [fits.pk]
    name = query.partition("=")[0]
    other = {
        "since": "2027-01-01",
        "until": "2020-01-01",
        "assignee": str(company.ben.pk),
        "sentiment": "positive",
    }.get(name, "resolved")
    assert as_ana.get(f"/w/acme/inbox/?view=all&{name}={other}").context["rows"] == []


@pytest.mark.parametrize("query", ["after=nonsense", "before=at~x", "sort=sideways", "view=nowhere", "customer=7",
                                   "assignee=me", "since=yesterday", "channel=x", "q=%00", "id=x"])  # fmt: skip
def test_an_odd_address_still_opens_a_list(company: Cast, as_ana: Client, query: str) -> None:
    assert as_ana.get(f"/w/acme/inbox/?{query}").status_code == 200
    assert as_ana.get(f"/w/acme/inbox/rows?{query}").status_code == 200


def test_what_is_new_is_marked_until_it_was_looked_at(company: Cast, as_ana: Client) -> None:
    shown = opened(company, assignee=company.ana)
    assert as_ana.get("/w/acme/inbox/").context["rows"][0]["conversation"].is_unread
    as_ana.get(address(shown))
    assert not as_ana.get("/w/acme/inbox/").context["rows"][0]["conversation"].is_unread
    assert Visit.objects.get().person == company.ana


def test_a_view_is_saved_and_shared(company: Cast, as_ana: Client, client: Client) -> None:
    as_ana.post("/w/acme/inbox/views?view=all&objective=care", {"name": "Care", "is_shared": "on"})
    assert SavedView.objects.get().query == "view=all&objective=care"
    client.force_login(company.lea)
    assert "Care" in client.get("/w/acme/inbox/").content.decode()
    client.post(f"/w/acme/inbox/views/{SavedView.objects.get().pk}")
    assert SavedView.objects.exists()


def test_what_has_just_arrived_is_in_nobodys_queue(company: Cast, as_ana: Client) -> None:
    arrived(company, "hello")
    assert as_ana.get("/w/acme/inbox/?view=unassigned").context["rows"] == []
