"""GET /health: for balancers."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


@pytest.mark.django_db
def test_anybody_learns_that_pages_are_served_and_nothing_else() -> None:
    answer = Client().get("/health")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]
    assert Client().post("/health").status_code == 405


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_503() -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        assert Client().get("/health").status_code == 503
