"""How our answers do on the network: measured soon, then ever more seldom, within what the network allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest
from django.test import Client
from django.utils import timezone

from choir.channels.contract import Bucket, Figures
from choir.channels.models import Channel, Quota
from choir.flow.deliver import deliver
from choir.flow.engagement import measure_engagement
from choir.inbox.models import Conversation
from choir.outbound import actions
from choir.outbound.actions.engaging import MEASURED_AFTER
from choir.outbound.models import Engagement
from tests.cast import Cast, cast
from tests.conversing import opened
from tests.outbound.test_attaching import Network

pytestmark = pytest.mark.django_db


class Measuring(Network):
    """Takes answers, and tells how they do."""

    def __init__(self, **figures: int) -> None:
        super().__init__()
        self.figures: Figures | None = Figures(**figures)
        self.asked: list[list[str]] = []

    def measure(self, external_ids: Sequence[str]) -> Mapping[str, Figures]:
        self.asked.append(list(external_ids))
        return {one: self.figures for one in external_ids if self.figures is not None}


@pytest.fixture
def company() -> Cast:
    return cast()


def sent(company: Cast, network: Network) -> Conversation:
    shown = opened(company, assignee=company.ana)
    actions.send(shown, text="Tomorrow!", seen_revision=shown.revision, by=company.ana, at=timezone.now())
    deliver(at=timezone.now() + dt.timedelta(minutes=1), connect=network)
    return shown


def due() -> dt.datetime:
    at = Engagement.objects.get().due_at
    assert at is not None
    return at


def test_an_answer_is_measured_ever_more_seldom_and_shown(company: Cast, client: Client) -> None:
    network = Measuring(likes_count=12, reposts_count=1)
    shown = sent(company, network)
    left = Engagement.objects.get().message.sent_at
    assert left is not None
    assert due() == left + MEASURED_AFTER[0]
    assert measure_engagement(at=due() - dt.timedelta(seconds=1), connect=network) == 0
    assert measure_engagement(at=due(), connect=network) == 1
    assert network.asked == [["n1"]]
    client.force_login(company.ana)
    assert "12 likes · 1 repost" in client.get(f"/w/acme/conversations/{shown.pk}/").content.decode()


def test_what_is_gone_on_the_network_is_asked_for_no_more(company: Cast) -> None:
    network = Measuring(likes_count=1)
    sent(company, network)
    network.figures = None
    measure_engagement(at=due(), connect=network)
    assert Engagement.objects.get().due_at is None


def test_figures_wait_where_little_is_left(company: Cast) -> None:
    network = Measuring(likes_count=1)
    sent(company, network)
    at = due()
    Channel.objects.update(quota_holder="acme")
    full_again = at + dt.timedelta(hours=2)
    Quota.objects.create(
        connector="sandbox",
        holder="acme",
        bucket=Bucket.READ,
        limit=100,
        remaining=40,
        resets_at=full_again,
        noted_at=at,
    )
    measure_engagement(at=at, connect=network)
    assert (network.asked, due()) == ([], full_again)
    measure_engagement(at=full_again, connect=network)
    assert network.asked == [["n1"]]
