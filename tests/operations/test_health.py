"""What `choir doctor` says of an installation, well and unwell."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from choir.channels.models import Channel
from choir.installation.home import Home
from choir.operations import health
from choir.operations.database_health import database_findings
from config.environment import Environment, read_environment
from tests.cast import cast


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Environment:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return read_environment()


def test_plain_settings_are_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.settings_finding(settings(monkeypatch)).verdict == "ok"


def test_a_misspelt_setting_is_named_with_the_one_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = health.settings_finding(settings(monkeypatch, CHOIR_PROT="81"))
    assert (finding.verdict, finding.advice) == ("warn", "did you mean CHOIR_PORT?")


@pytest.mark.parametrize("name", ["CHOIR_DEBUG", "CHOIR_DEMO_SIGN_IN"])
def test_what_must_not_be_public_fails_on_a_public_address(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.settings_finding(settings(monkeypatch, **{name: "true"})).verdict == "ok"
    finding = health.settings_finding(settings(monkeypatch, **{name: "true"}, CHOIR_HOST="0.0.0.0"))
    assert finding.verdict == "fail"
    assert name in finding.says


def test_passwords_in_clear_are_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.settings_finding(settings(monkeypatch, CHOIR_HOST="0.0.0.0")).verdict == "warn"
    behind_proxy = settings(monkeypatch, CHOIR_HOST="0.0.0.0", CHOIR_PUBLIC_URL="https://choir.example.com")
    assert health.settings_finding(behind_proxy).verdict == "ok"


def test_keys_that_others_can_read_or_that_are_damaged_fail(tmp_path: Path) -> None:
    home = Home(tmp_path / "installation")
    assert health.keys_finding(home).verdict == "ok"
    key = home.keys / "encryption_key"
    key.chmod(0o644)
    assert health.keys_finding(home).verdict == "fail"
    key.chmod(0o600)
    key.write_text("not a key")
    assert health.keys_finding(home).says == "the encryption key is damaged"


@pytest.mark.django_db
def test_a_database_without_workers_is_warned_of_and_one_at_work_is_seen(database_url: str) -> None:
    with connection.cursor() as cursor:  # tests that commit leave their jobs behind
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert verdicts() == {
        "database": "ok", "migrations": "ok", "workers": "warn", "channels": "ok", "clock": "ok",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert verdicts()["workers"] == "ok"


@pytest.mark.django_db
def test_a_sign_in_that_no_key_opens_is_named(database_url: str) -> None:
    company = cast()
    Channel.objects.filter(pk=company.channel.pk).update(secret=Fernet(Fernet.generate_key()).encrypt(b"{}"))
    finding = next(one for one in database_findings() if one.subject == "channels")
    assert finding.verdict == "fail"
    assert company.channel.name in finding.says


def verdicts() -> dict[str, str]:
    return {finding.subject: finding.verdict for finding in database_findings()}
