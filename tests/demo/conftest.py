"""The demo company loaded once, looked at by many tests, and removed: what is in the database before and after."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from choir.demo.load import Loaded, load
from choir.demo.remove import remove
from choir.flow.steps import advance
from choir.people.models import Person
from choir.wake import Step

# Jobs belong to nobody: each says “look for what is due”, and finds nothing of a company that is gone.
JOBS = "procrastinate_"


@dataclass
class Demonstration:
    """The loaded company and what loading took."""

    at: dt.datetime
    loaded: Loaded
    seconds: float
    before: dict[str, int]


def rows_by_table() -> dict[str, int]:
    """How many rows every table of the database has."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith(JOBS)]
        counts = {}
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return counts


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Demonstration]:
    """Load, seal and measure; remove when all tests of the module have looked."""
    with django_db_blocker.unblock():
        before, at, began = rows_by_table(), timezone.now(), time.monotonic()
        loaded = load(at=at)
        seconds = time.monotonic() - began
        print(f"\nThe demo company loads in {seconds:.1f} s: {loaded}")
        try:
            advance(Step.SEAL)
            advance(Step.MEASURE)
            yield Demonstration(at, loaded, seconds, before)
        finally:
            if Person.objects.exists():
                remove()
