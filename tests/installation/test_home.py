"""The data directory and its keys."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from choir.installation.home import Home, HomeUnusable


def test_is_made_on_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "installation")
    assert stat.S_IMODE(home.keys.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.media.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.path.stat().st_mode) & 0o044 == 0


def test_keys_stay_the_same_and_are_readable_by_the_owner_alone(tmp_path: Path) -> None:
    first = Home(tmp_path)
    second = Home(tmp_path)
    assert first.secret_key == second.secret_key
    assert first.encryption_keys == second.encryption_keys
    for key in first.keys.iterdir():
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_processes_that_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: Home(tmp_path).secret_key, range(64)))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret_key"]


def test_what_an_older_encryption_key_wrote_is_still_read_after_rotation(tmp_path: Path) -> None:
    home = Home(tmp_path)
    written = home.cipher.encrypt(b"token")
    home.rotate_encryption_key()
    assert len(home.encryption_keys) == 2
    assert home.cipher.decrypt(written) == b"token"
    assert home.cipher.decrypt(home.cipher.rotate(written)) == b"token"


def test_an_emptied_key_file_is_an_error_and_not_a_new_key(tmp_path: Path) -> None:
    Home(tmp_path).keys.joinpath("encryption_key").write_text("")
    with pytest.raises(HomeUnusable, match="empty"):
        _ = Home(tmp_path).encryption_keys


def test_a_file_in_the_way_is_explained(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(HomeUnusable, match="--data"):
        Home(tmp_path / "taken")


def test_keys_do_not_show_in_a_repr(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.secret_key not in repr(home) + str(home)
