"""`choir found` begins an installation that has nobody yet."""

import pytest
from typer.testing import CliRunner

from choir.operations.cli import app
from choir.operations.ready import Refusal
from choir.people.models import Person

pytestmark = pytest.mark.django_db

LINE = ["found", "Northwind", "--email", "maria@northwind.example", "--person", "Maria Lund"]


def test_the_founder_can_sign_in() -> None:
    answer = CliRunner().invoke(app, [*LINE, "--password", "a good long one"], catch_exceptions=False)
    assert answer.exit_code == 0
    assert Person.objects.get().check_password("a good long one")


def test_a_short_password_is_refused() -> None:
    with pytest.raises(Refusal, match="too short"):
        CliRunner().invoke(app, [*LINE, "--password", "short"], catch_exceptions=False)
    assert not Person.objects.exists()


def test_there_is_only_one_founder() -> None:
    CliRunner().invoke(app, [*LINE, "--password", "a good long one"], catch_exceptions=False)
    with pytest.raises(Refusal, match="has an organisation already"):
        CliRunner().invoke(app, [*LINE, "--password", "a good long one"], catch_exceptions=False)
