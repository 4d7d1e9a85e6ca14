"""Pages: the cast, and a browser's view of who is signed in."""

import pytest
from django.test import Client

from tests.cast import Cast, cast


@pytest.fixture
def company(db: None) -> Cast:
    """The fixed cast."""
    return cast()


@pytest.fixture
def as_ana(company: Cast, client: Client) -> Client:
    """A browser in which Ana, agent in customer service, is signed in."""
    client.force_login(company.ana)
    return client
