"""What nobody waits for goes behind what arrives."""

import pytest

from choir.channels.actions import store
from choir.channels.contract import Raw
from choir.channels.models import ArrivalSource
from choir.customers.models import Customer
from choir.flow import steps
from choir.flow.steps import advance, advance_onward
from choir.journey import following
from choir.journey.models import Journey
from choir.wake import Step
from tests.cast import NOON, cast


@pytest.mark.django_db
def test_while_something_arrives_catching_up_takes_a_little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WHILE_BUSY_SECONDS", 0.0)
    monkeypatch.setattr(following, "AT_ONCE", 1)
    company = cast()
    Customer.objects.bulk_create(Customer(workspace=company.workspace, name=name) for name in ("Ida", "Bo", "Cy"))
    store(company.channel, [Raw(key="one", payload=b"{}")], source=ArrivalSource.WEBHOOK, at=NOON)
    assert advance_onward(Step.FOLLOW) == {Step.FOLLOW: 1}
    advance(Step.HEAR)
    advance_onward(Step.FOLLOW)
    assert Journey.objects.count() == Customer.objects.count()
