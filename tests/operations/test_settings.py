"""The settings, their sentences, and the page that documents them."""

import re
from pathlib import Path

import pytest

from config.environment import Environment, WrongSetting, read_environment, variable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHOIR_PORT", "0"),
        ("CHOIR_PORT", "http"),
        ("CHOIR_WORKERS", "-1"),
        ("CHOIR_WEB_PROCESSES", "0"),
        ("CHOIR_HOST", "http://example.com"),
        ("CHOIR_PUBLIC_URL", "example.com"),
        ("CHOIR_PUBLIC_URL", "https://example.com/choir"),
        ("CHOIR_DEBUG", "perhaps"),
        ("CHOIR_DEMO_SIGN_IN", "2"),
        ("CHOIR_LOG_LEVEL", "loud"),
        ("CHOIR_ALLOWED_HOSTS", "https://example.com"),
        ("CHOIR_MAIL_FROM", "nobody"),
    ],
)
def test_a_wrong_value_is_one_sentence_with_setting_value_and_what_is_allowed(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as wrong:
        read_environment()
    sentence = str(wrong.value)
    assert sentence.startswith(f"{name} is {value!r}, which cannot be used: it must be ")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u:hidden@h/d"),
        ("DATABASE_URL", "postgresql://u:hidden@h"),
        ("CHOIR_SMTP_URL", "hidden"),
    ],
)
def test_a_wrong_value_that_may_hold_a_password_is_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as wrong:
        read_environment()
    assert str(wrong.value).startswith(name)
    assert "hidden" not in str(wrong.value)


def test_passwords_do_not_show_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hidden@h/d")
    monkeypatch.setenv("CHOIR_SMTP_URL", "smtp://u:hidden@h")
    assert "hidden" not in repr(read_environment())


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOIR_PORT", "")
    monkeypatch.setenv("CHOIR_PUBLIC_URL", "")
    assert read_environment().port == 8000


def test_the_public_address_and_named_hosts_are_answered_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOIR_PUBLIC_URL", "https://choir.example.com/")
    monkeypatch.setenv("CHOIR_ALLOWED_HOSTS", "inner, other.example.com,")
    settings = read_environment()
    assert settings.origin == "https://choir.example.com"
    assert {"choir.example.com", "inner", "other.example.com", "localhost"} <= set(settings.hosts)


def test_a_database_url_with_odd_characters_and_options_reaches_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://us%40er:p%2Fw%25@db.example.com:6432/my%20db?sslmode=require")
    assert read_environment().database == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "my db",
        "USER": "us@er",
        "PASSWORD": "p/w%",
        "HOST": "db.example.com",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_mail_is_encrypted_unless_it_stays_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for url, tls, ssl in (
        ("smtp://u:p@mail.example.com", True, False),
        ("smtps://u:p@mail.example.com", False, True),
        ("smtp://localhost:25", False, False),
    ):
        monkeypatch.setenv("CHOIR_SMTP_URL", url)
        mail = read_environment().mail
        assert (mail["EMAIL_USE_TLS"], mail["EMAIL_USE_SSL"]) == (tls, ssl)


def test_the_page_lists_every_setting_with_its_default_and_what_is_allowed() -> None:
    documented = {
        cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
        for line in PAGE.read_text("utf-8").splitlines()
        if re.match(r"\| `[A-Z_]+` \|", line)
        for cells in [line.strip("| ").split(" | ")]
    }
    expected = {}
    for name, field in Environment.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = "–" if default in (None, []) else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        expected[variable(name)] = [shown, str(extra["allowed"]), str(field.description)]
    assert documented == expected
