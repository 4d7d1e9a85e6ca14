"""What tests of vendors' networks begin with; each names its network as `slug`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone

from choir.channels.registry import manifest
from tests.cast import cast
from tests.channels.place import Place
from tests.doubles import standing_for
from tests.doubles.double import SECRET


@pytest.fixture
def place(slug: str, db: None) -> Iterator[Place]:
    with standing_for(slug) as network:
        network.set_clock(timezone.now() - dt.timedelta(minutes=30))
        company = cast(connector=slug)
        channel = company.channel
        channel.external_id, channel.handle, channel.network = network.external_id, network.handle, slug
        channel.settings = network.settings | {"address": network.address, "timeout_seconds": 2}
        channel.seal_secret({field.name: SECRET for field in manifest(slug).fields if field.is_secret})
        channel.save()
        yield Place(company, network)
