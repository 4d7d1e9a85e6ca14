"""A company with departments, and a customer who wrote to it on a network of the test's own."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from choir.flow.deliver import deliver
from choir.inbox.models import Conversation
from tests.outbound.company import found_company, write_in
from tests.outbound.network import Network, loopback


@pytest.fixture
def company(db: None, loopback: None) -> SimpleNamespace:
    """See `found_company`."""
    return found_company()


@pytest.fixture
def network() -> Network:
    """An empty network."""
    return Network()


@pytest.fixture
def conversation(company: SimpleNamespace) -> Conversation:
    """Mia asked where her kettle is, five minutes ago; customer service has it."""
    return write_in(company, text="Where is my kettle?", at=timezone.now() - dt.timedelta(minutes=5))


@pytest.fixture
def run(network: Network) -> Callable[..., int]:
    """Run the delivery step once against the test's network, as if it were some seconds later."""

    def run(after_seconds: float = 60, **options: Any) -> int:
        at = timezone.now() + dt.timedelta(seconds=after_seconds)
        return deliver(at=at, connect=lambda channel: network, **options)

    return run


__all__ = ["loopback"]
