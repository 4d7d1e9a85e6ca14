"""Writing back many rows in one statement keeps exactly what `bulk_update` would keep."""

import datetime as dt

import pytest

from choir.inbox.models import Conversation, State
from choir.rows import write_back
from tests.cast import NOON, Cast, cast
from tests.conversing import opened


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
