"""What is done to conversations from their pages."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from choir.inbox.models import Consult, Conversation, Label, Note, State
from choir.knowledge.models import Answer, Macro
from choir.outbound.models import Approval, ApprovalPolicy, Delivery, DeliveryState, Draft, DraftKind
from tests.cast import Cast
from tests.conversing import customer, opened, says

VIEW = "view=department"


@pytest.fixture
def row(company: Cast) -> Conversation:
    return opened(company, assignee=company.ana, at=timezone.now() - dt.timedelta(minutes=5))


def post(client: Client, row: Conversation, noun: str, **form: object):  # type: ignore[no-untyped-def]
    return client.post(f"/w/acme/conversations/{row.pk}/{noun}?{VIEW}", form, follow=True)


def test_a_reply_leaves(row: Conversation, as_ana: Client) -> None:
    row.refresh_from_db()
    shown = post(as_ana, row, "reply", text="On its way!", revision=row.revision, token="t")
    assert "On its way!" in shown.content.decode()
    assert Delivery.objects.get().state == DeliveryState.WAITING


def test_the_same_form_twice_sends_once(row: Conversation, as_ana: Client) -> None:
    row.refresh_from_db()
    for _ in range(2):
        post(as_ana, row, "reply", text="On its way!", revision=row.revision, token="one form")
    assert Delivery.objects.count() == 1


def test_a_stale_reply_is_refused_with_what_changed_and_the_text_kept(
    company: Cast, row: Conversation, as_ana: Client
) -> None:
    row.refresh_from_db()
    seen = row.revision
    says(company, row, "One more thing!", at=timezone.now(), identity=customer(company))
    shown = post(as_ana, row, "reply", text="My answer", revision=seen)
    assert shown.status_code == 409
    assert "One more thing!" in shown.content.decode()
    assert shown.context["composer"]()["text"] == "My answer"
    assert shown.context["composer"]()["revision"] == row.revision
    assert not Delivery.objects.exists()


def test_an_empty_reply_says_so(row: Conversation, as_ana: Client) -> None:
    row.refresh_from_db()
    shown = post(as_ana, row, "reply", text=" ", revision=row.revision)
    assert shown.status_code == 422
    assert "empty" in shown.context["composer"]()["errors"][0]


def test_a_reply_waits_for_approval_and_leaves_with_it(company: Cast, row: Conversation, client: Client) -> None:
    ApprovalPolicy.objects.create(organisation=company.organisation, name="Everything", approvers_count=1)
    client.force_login(company.ana)
    row.refresh_from_db()
    post(client, row, "reply", text="May I?", revision=row.revision)
    approval = Approval.objects.get()
    client.force_login(company.lea)
    waiting = client.get("/w/acme/inbox/?view=approval")
    assert [one["conversation"].pk for one in waiting.context["rows"]] == [row.pk]
    post(client, row, f"approvals/{approval.pk}/vote", **{"is": "yes"})
    assert Delivery.objects.get().message.text == "May I?"


def test_resolving_opens_the_next(company: Cast, row: Conversation, as_ana: Client) -> None:
    older = opened(company, "older", at=row.last_message_at - dt.timedelta(hours=1))
    shown = post(as_ana, row, "resolution", **{"is": "resolved"})
    row.refresh_from_db()
    assert row.state == State.RESOLVED
    assert shown.context["conversation"].pk == older.pk
    post(as_ana, row, "resolution", **{"is": "open"})
    row.refresh_from_db()
    assert row.state == State.OPEN


def test_a_note_brings_in_whom_it_names(company: Cast, row: Conversation, as_ana: Client, client: Client) -> None:
    post(as_ana, row, "notes", text="@Ben, is the van out?")
    assert list(Note.objects.get().mentioned.all()) == [company.ben]
    client.force_login(company.ben)
    assert [one["conversation"].pk for one in client.get("/w/acme/inbox/?view=mentioned").context["rows"]] == [row.pk]


def test_a_consult_is_asked_answered_and_kept(company: Cast, row: Conversation, client: Client) -> None:
    client.force_login(company.ana)
    legal = company.departments["legal"].pk
    post(client, row, "consults", text="May we say sorry?", department=legal, answer_by="120")
    consult = Consult.objects.get()
    client.force_login(company.leo)
    post(client, row, f"consults/{consult.pk}/answer", answer="Yes, sorry is fine.", is_quotable="on")
    client.force_login(company.ana)
    post(client, row, f"consults/{consult.pk}/knowledge")
    kept = Answer.objects.get()
    assert (kept.title, kept.text, kept.owner) == ("May we say sorry?", "Yes, sorry is fine.", company.leo)
    assert (
        "Yes, sorry is fine."
        in client.get(f"/w/acme/conversations/{row.pk}/answers", {"words": "sorry"}).content.decode()
    )


def test_a_consult_is_put_to_a_person_by_name(company: Cast, row: Conversation, as_ana: Client) -> None:
    form = {"text": "Is the van out?", "department": company.departments["legal"].pk, "expert": company.ben.pk}
    shown = as_ana.get(f"/w/acme/conversations/{row.pk}/?{VIEW}")
    page = shown.content.decode()
    assert shown.status_code == 200
    assert f'value="{company.ben.pk}">Ben</option>' in page
    post(as_ana, row, "consults", **form)
    asked = Consult.objects.get()
    assert (asked.expert, asked.department) == (company.ben, company.departments["operations"])
    as_ana.force_login(company.ben)  # whoever is asked sees it
    assert as_ana.get(f"/w/acme/conversations/{row.pk}/").status_code == 200


def test_a_stranger_cannot_be_consulted(company: Cast, row: Conversation, as_ana: Client) -> None:
    post(as_ana, row, "consults", text="Who?", department="", expert=company.outsider.pk)
    assert not Consult.objects.exists()


def test_handing_over_needs_a_reason(company: Cast, row: Conversation, as_ana: Client) -> None:
    to = company.departments["operations"].pk
    assert post(as_ana, row, "handover", to=to, because=" ").status_code == 422
    post(as_ana, row, "handover", to=to, because="The parcel is theirs.")
    row.refresh_from_db()
    assert row.department_id == to


def test_assigning(company: Cast, row: Conversation, as_ana: Client) -> None:
    assert "Lea" in as_ana.get(f"/w/acme/conversations/{row.pk}/assignment").content.decode()
    for to, expected in ((str(company.lea.pk), company.lea), ("", None), ("me", company.ana)):
        post(as_ana, row, "assignment", to=to)
        row.refresh_from_db()
        assert row.assignee == expected
    assert post(as_ana, row, "assignment", to=str(company.leo.pk)).status_code == 422


@pytest.mark.parametrize("chosen", [{"until": "tomorrow"}, {"at": "2099-05-01T09:30"}])
def test_snoozing(row: Conversation, as_ana: Client, chosen: dict[str, str]) -> None:
    post(as_ana, row, "snooze", **chosen)
    row.refresh_from_db()
    assert row.state == State.SNOOZED


@pytest.mark.parametrize("chosen", [{}, {"until": "never"}, {"at": "2001-01-01T00:00"}, {"at": "soon"}])
def test_snoozing_asks_for_a_time_to_come(row: Conversation, as_ana: Client, chosen: dict[str, str]) -> None:
    assert post(as_ana, row, "snooze", **chosen).status_code == 422


def test_labels_are_put_on_and_taken_off(row: Conversation, as_ana: Client) -> None:
    post(as_ana, row, "labels", name="refund")
    label = Label.objects.get()
    post(as_ana, row, "labels", take=label.pk)
    assert not row.labellings.exists()


def test_a_correction_moves_it_to_whoever_owns_that(company: Cast, row: Conversation, as_ana: Client) -> None:
    post(as_ana, row, "correction", objective="compliance")
    row.refresh_from_db()
    assert row.state == State.ARRIVING  # routing finds the owner of what it really is
    assert row.reading is not None
    assert (row.reading.objective, row.reading.by) == ("compliance", company.ana)


def test_a_macro_fills_its_placeholders_and_puts_labels(company: Cast, row: Conversation, as_ana: Client) -> None:
    row.customer.name = "Marta Kowalczyk"
    row.customer.save()
    macro = Macro.objects.create(
        organisation=company.organisation, name="Hello", text="Hi {{customer.name}}, {{person.name}}", labels=["hi"]
    )
    shown = post(as_ana, row, "macro", macro=macro.pk, text="/hel", revision=1)
    assert shown.context["composer"]()["text"] == "Hi Marta, Ana"
    assert row.labellings.get().label.name == "hi"


def test_a_draft_is_kept_for_each_tab(company: Cast, row: Conversation, as_ana: Client) -> None:
    for kind in DraftKind.values:
        post(as_ana, row, "draft", kind=kind, text=f"{kind} text", revision=1)
    shown = as_ana.get(f"/w/acme/conversations/{row.pk}/")
    assert shown.context["composer"]()["texts"] == {kind: f"{kind} text" for kind in DraftKind.values}
    post(as_ana, row, "draft", kind="reply", text="", revision=1)
    assert Draft.objects.count() == 2


def test_bulk_does_what_is_allowed_and_says_what_was_not(company: Cast, as_ana: Client) -> None:
    mine = [opened(company, f"n{number}", assignee=company.ana) for number in range(3)]
    other = opened(company, "x", department="legal", objective="compliance")
    chosen = [str(one.pk) for one in (*mine, other)]
    as_ana.post("/w/acme/inbox/bulk?view=mine", {"chosen": chosen, "do": "resolve"})
    assert Conversation.objects.filter(state=State.RESOLVED).count() == 3


@pytest.mark.parametrize("do", ["assign", "hand_over", "label", "snooze"])
def test_bulk_asks_for_what_it_needs(row: Conversation, as_ana: Client, do: str) -> None:
    shown = as_ana.post("/w/acme/inbox/bulk", {"chosen": [str(row.pk)], "do": do})
    assert shown.status_code == 200
    assert str(row.pk) in shown.content.decode()
    told = {"assign": {"to": str(row.assignee_id)}, "hand_over": {"to": "x"}, "label": {"name": "vip"},
            "snooze": {"until": "week"}}[do]  # fmt: skip
    as_ana.post("/w/acme/inbox/bulk", {"chosen": [str(row.pk)], "do": do, **told})
    row.refresh_from_db()
    assert {"label": row.labellings.exists(), "snooze": row.state == State.SNOOZED}.get(do, True)
