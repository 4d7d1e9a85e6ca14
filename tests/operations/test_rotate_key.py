"""A new key: every sign-in opens under it, none under the old one, and a run that is killed is finished by the next."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from choir.channels.models import Channel
from choir.installation.home import Home
from choir.operations.commands import rotate_key
from choir.operations.ready import Refusal
from tests.places import place

TOKEN = "token-that-nobody-sees"


@pytest.fixture
def kept(db: None, home: Home, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An installation with three channels that have a sign-in, and one that has none."""
    monkeypatch.setattr(rotate_key, "installation", lambda: home)
    settings.KEYRING = home
    for name in ("one", "two", "three"):
        channel = place(name).channel
        channel.seal_secret({"token": TOKEN})
        channel.save()
    place("four")
    return home


def sealed_with(home: Home) -> list[bool]:
    """For each sign-in, whether the newest key alone opens it."""
    newest = MultiFernet([Fernet(home.encryption_keys[0])])
    opened = []
    for channel in Channel.objects.exclude(secret=b""):
        try:
            newest.decrypt(bytes(channel.secret))
            opened.append(True)
        except InvalidToken:
            opened.append(False)
    return opened


def test_every_sign_in_is_under_the_new_key_and_the_old_one_is_gone(
    kept: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (before,) = kept.encryption_keys
    rotate_key.command()
    assert len(kept.encryption_keys) == 1
    assert kept.encryption_keys[0] != before
    assert sealed_with(kept) == [True, True, True]
    assert all(one.open_secret() == {"token": TOKEN} for one in Channel.objects.exclude(secret=b""))
    shown = capsys.readouterr()
    assert TOKEN not in shown.out + shown.err
    assert kept.encryption_keys[0] not in shown.out + shown.err


def test_killed_midway_everything_opens_and_the_next_run_finishes_with_the_same_key(
    kept: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0

    def renewed(channel: Channel) -> str:
        nonlocal done
        done += 1
        if done == 3:
            raise KeyboardInterrupt
        return renew(channel)

    renew = rotate_key._renew
    monkeypatch.setattr(rotate_key, "_renew", renewed)
    with pytest.raises(KeyboardInterrupt):
        rotate_key.command()
    newest = kept.encryption_keys[0]
    assert all(one.open_secret() == {"token": TOKEN} for one in Channel.objects.exclude(secret=b""))
    monkeypatch.setattr(rotate_key, "_renew", renew)
    rotate_key.command()
    assert kept.encryption_keys == [newest]
    assert sealed_with(kept) == [True, True, True]


def test_what_no_key_opens_keeps_the_old_keys(kept: Home) -> None:
    Channel.objects.filter(name="Sandbox two").update(secret=b"sealed elsewhere")
    with pytest.raises(Refusal, match="Sandbox two"):
        rotate_key.command()
    assert len(kept.encryption_keys) == 2
