"""Who is credited with a conversion, by each rule."""

import datetime as dt

import pytest

from choir.conversions.attributing import Touch, attribute, choose_rule, shares
from choir.conversions.models import Attribution, Click, Conversion, ConversionKind, Credit, TrackedLink
from choir.customers.models import Customer
from choir.inbox.models import Conversation
from tests.cast import Cast, cast
from tests.measurement.happening import DAY, HOUR, MONDAY, NOW, answered, begun

EARLY, LATE = Touch(MONDAY), Touch(MONDAY + DAY)


def test_each_rule_shares_out_the_whole() -> None:
    assert shares([LATE, EARLY], Attribution.LAST) == [(LATE, 1.0)]
    assert shares([LATE, EARLY], Attribution.FIRST) == [(EARLY, 1.0)]
    assert shares([LATE, EARLY], Attribution.LINEAR) == [(EARLY, 0.5), (LATE, 0.5)]
    assert shares([], Attribution.LINEAR) == []


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def talked(company: Cast, customer: Customer | None, answered_at: dt.datetime) -> Conversation:
    one = begun(company, answered_at - HOUR)
    if customer is not None:
        one.customer = customer
        one.save()
    answered(company, one, answered_at)
    return one


def converted(company: Cast, **more: object) -> Conversion:
    kind, _ = ConversionKind.objects.get_or_create(workspace=company.workspace, slug="order", name="Order")
    return Conversion.objects.create(
        workspace=company.workspace, kind=kind, external_id=f"o{Conversion.objects.count()}", at=NOW, recorded_at=NOW,
        **more,
    )  # fmt: skip


def credited(one: Conversion) -> list[tuple[object, float]]:
    return [(credit.conversation_id, credit.share) for credit in Credit.objects.filter(conversion=one).order_by("at")]


def test_answers_within_the_window_are_touches_and_a_new_rule_credits_everything_anew(company: Cast) -> None:
    old = talked(company, None, NOW - 40 * DAY)
    first = talked(company, old.customer, NOW - 10 * DAY)
    last = talked(company, old.customer, NOW - 2 * DAY)
    talked(company, old.customer, NOW + DAY)  # after it
    talked(company, None, NOW - DAY)  # somebody else
    order = converted(company, customer=old.customer)
    attribute(at=NOW)
    assert credited(order) == [(last.pk, 1.0)]
    order.refresh_from_db()
    assert (order.touches_count, order.conversation_id) == (2, last.pk)
    choose_rule(company.workspace, credits="linear", window_days=60, because="Fairer.", by=company.cho, at=NOW)
    attribute(at=NOW)
    assert [who for who, _ in credited(order)] == [old.pk, first.pk, last.pk]
    assert sum(share for _, share in credited(order)) == pytest.approx(1)
    assert attribute(at=NOW) == 0


def test_a_click_is_a_touch_and_in_a_conversation_it_is_that_conversations(company: Cast) -> None:
    link = TrackedLink.objects.create(workspace=company.workspace, code="x", name="Shop", target="https://shop.example")
    one = talked(company, None, NOW - 2 * DAY)
    given = Click.objects.create(workspace=company.workspace, link=link, conversation=one, visitor="a", at=NOW - DAY)
    loose = Click.objects.create(workspace=company.workspace, link=link, visitor="b", at=NOW - HOUR)
    theirs, strangers = converted(company, customer=one.customer, click=given), converted(company, click=loose)
    nobodys = converted(company)
    attribute(at=NOW)
    assert credited(theirs) == [(one.pk, 1.0)]
    assert credited(strangers) == [(None, 1.0)]
    assert credited(nobodys) == []
