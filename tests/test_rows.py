"""Writing back many rows in one statement keeps exactly what `bulk_update` would keep."""

import datetime as dt

import pytest

from choir.events.actions import event
from choir.events.models import Event
from choir.inbox.models import Clock, Conversation, Label, State
from choir.listening.models import Wording
from choir.rows import insert, made, write_back
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, opened


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def test_every_kind_of_value_is_kept(company: Cast) -> None:
    one, other = opened(company, assignee=company.ana), opened(company, assignee=company.ana)
    one.state, one.snoozed_until, one.assignee = State.SNOOZED, NOON + dt.timedelta(days=1), None
    one.excerpt, one.urgency, one.is_unsure = "naïve “quotes”, {braces}, 日本語 \\ %s", 3, True
    other.department = company.departments["legal"]
    fields = ["state", "snoozed_until", "assignee", "excerpt", "urgency", "is_unsure", "department"]
    write_back([one, other], fields)
    for row in (one, other):
        kept = Conversation.objects.get(pk=row.pk)
        assert [getattr(kept, name) for name in fields] == [getattr(row, name) for name in fields]


def test_other_fields_and_other_rows_stay_as_they_are(company: Cast) -> None:
    one, other = opened(company, "One"), opened(company, "Other")
    Conversation.objects.filter(pk=one.pk).update(urgency=2)
    one.excerpt = "Changed"
    write_back([one], ["excerpt"])
    assert list(Conversation.objects.filter(pk=one.pk).values_list("excerpt", "urgency")) == [("Changed", 2)]
    assert Conversation.objects.get(pk=other.pk).excerpt == "Other"


def test_nothing_to_write_asks_nothing(company: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        write_back([], ["excerpt"])


def test_new_rows_are_kept_with_every_kind_of_value(company: Cast) -> None:
    facts = {"text": "naïve “quotes” {} \\ %s 日本語", "n": 1.5, "list": [1, None], "nested": {"a": True}}
    new = [
        event(
            verb="label.put",
            subject=company.workspace,
            organisation_id=company.organisation.pk,
            workspace_id=workspace,
            at=NOON,
            facts=facts,
        )
        for workspace in (company.workspace.pk, None)
    ]
    insert(new)
    kept = {row.pk: row for row in Event.objects.filter(verb="label.put")}
    assert set(kept) == {row.pk for row in new}
    for row in new:
        assert not row._state.adding
        for field in Event._meta.concrete_fields:
            assert getattr(kept[row.pk], field.attname) == getattr(row, field.attname)


def test_known_rows_are_left_out_when_asked(company: Cast) -> None:
    Label.objects.create(workspace=company.workspace, name="billing")
    insert([Label(workspace=company.workspace, name=name) for name in ("Billing", "new")], skips_known=True)
    assert set(Label.objects.values_list("name", flat=True)) == {"billing", "new"}


def test_made_rows_are_those_that_the_model_would_make(company: Cast) -> None:
    said = {"workspace": company.workspace, "organisation_id": company.organisation.pk, "verb": "label.put"}
    mine, its = made(Event, **said), Event(**said)
    for field in Event._meta.concrete_fields:
        if not field.primary_key:
            assert getattr(mine, field.attname) == getattr(its, field.attname)
    assert mine.workspace is company.workspace
    assert mine._state.adding
    assert mine.facts is not made(Event, **said).facts
    with pytest.raises(TypeError, match="colour"):
        made(Event, colour="red")


def test_a_row_that_is_there_already_gets_new_values_where_asked(company: Cast) -> None:
    conversation = opened(company)
    clock = {"workspace": company.workspace, "conversation": conversation, "kind": "resolution", "hours": "calendar"}
    clock |= {"started_at": NOON, "counted_from": NOON}
    insert([made(Clock, **clock, allowed_seconds=60)])
    first = Clock.objects.get()
    insert(
        [made(Clock, **clock, allowed_seconds=90, spent_seconds=5)],
        replaces=["workspace", "conversation", "kind"],
        fields=["allowed_seconds"],
    )
    kept = Clock.objects.get()
    assert (kept.pk, kept.allowed_seconds, kept.spent_seconds) == (first.pk, 90, 0)


def test_lists_of_different_lengths_stay_lists(company: Cast) -> None:
    messages = [arrived(company, text).messages.get() for text in ("one", "two")]
    kept = zip(messages, (["link", 'a"b\\{c}'], []), ([1, -(2**62)], []), strict=True)
    rows = [
        made(
            Wording, mention=said.mention, workspace=company.workspace, channel=company.channel,
            posted_at=NOON, words=" a ", author="", network="sandbox", kind="post", traits=traits, bands=bands,
        )
        for said, traits, bands in kept
    ]  # fmt: skip
    insert(rows)
    for row in rows:
        found = Wording.objects.get(pk=row.pk)
        assert (found.traits, found.bands) == (row.traits, row.bands)
