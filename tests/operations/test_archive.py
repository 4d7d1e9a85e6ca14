"""Backup and restore, with real databases: everything comes back, and a bad file changes nothing."""

import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from choir.installation import postgres
from choir.installation.home import Home
from choir.operations.archive import is_empty, others_connected, restore_archive, write_archive
from choir.operations.ready import Refusal

pytestmark = pytest.mark.slow
TEXT = "naïve “quotes” 😀 مرحبا \\ \t \n end"


@pytest.fixture
def other(home: Home) -> Iterator[Home]:
    other = Home(home.path / "other")
    yield other
    postgres.stop(other)


def fill(home: Home) -> str:
    url = postgres.ensure_running(home, durable=False)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TABLE message (id serial PRIMARY KEY, body text, seen_at timestamptz)")
        connection.execute("CREATE INDEX message_words ON message USING gin (body gin_trgm_ops)")
        connection.execute("INSERT INTO message (body, seen_at) VALUES (%s, '2026-01-02 03:04:05+00')", [TEXT])
        connection.execute("INSERT INTO message (body) SELECT 'row ' || n FROM generate_series(1, 5000) n")
    (home.media / "deep").mkdir()
    (home.media / "deep" / "picture.bin").write_bytes(bytes(range(256)) * 100)
    return url


def content(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT id, body, seen_at FROM message ORDER BY id").fetchall()


def test_everything_comes_back_in_another_installation(home: Home, other: Home, tmp_path: Path) -> None:
    url = fill(home)
    sealed = home.cipher.encrypt(b"a network's token")
    secret_key = home.secret_key
    file = tmp_path / "backup.tar"
    assert write_archive(home, url, file)["media_files"] == 1
    there = postgres.ensure_running(other, durable=False)
    assert is_empty(other, there)
    restore_archive(other, there, file)
    assert content(there) == content(url)
    assert (other.media / "deep" / "picture.bin").read_bytes() == bytes(range(256)) * 100
    assert Home(other.path).secret_key == secret_key
    assert other.cipher.decrypt(sealed) == b"a network's token"
    with psycopg.connect(there) as connection:
        connection.execute("INSERT INTO message (body) VALUES ('the next id is free')")


def test_restoring_over_something_else_leaves_nothing_of_it(home: Home, other: Home, tmp_path: Path) -> None:
    url = fill(home)
    write_archive(home, url, tmp_path / "backup.tar")
    there = postgres.ensure_running(other, durable=False)
    with psycopg.connect(there) as connection:
        connection.execute("CREATE TABLE message (unlike int)")
        connection.execute("CREATE TABLE stray (id int)")
    (other.media / "stray.txt").write_text("x")
    assert not is_empty(other, there)
    for _ in range(2):
        restore_archive(other, there, tmp_path / "backup.tar")
        assert content(there) == content(url)
    with psycopg.connect(there) as connection:
        assert connection.execute("SELECT to_regclass('stray')").fetchone() == (None,)
    assert not (other.media / "stray.txt").exists()


def test_a_file_that_is_no_whole_backup_changes_nothing(home: Home, tmp_path: Path) -> None:
    url = fill(home)
    before, keys = content(url), home.encryption_keys
    whole = tmp_path / "whole.tar"
    write_archive(home, url, whole)
    size = whole.stat().st_size
    with tarfile.open(whole) as archive:
        starts = [member.offset for member in archive.getmembers()]
    for cut in (0, 100, 5_000, size // 2, *starts):
        (tmp_path / "cut.tar").write_bytes(whole.read_bytes()[:cut])
        with pytest.raises(Refusal):
            restore_archive(home, url, tmp_path / "cut.tar")
    assert content(url) == before
    assert home.encryption_keys == keys
    assert (home.media / "deep" / "picture.bin").exists()
    assert not [path for path in home.path.iterdir() if path.name.startswith(".restore")]


def test_a_file_with_paths_that_lead_elsewhere_is_refused(home: Home, tmp_path: Path) -> None:
    url = fill(home)
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.add(__file__, "../../evil.py")
    with pytest.raises(Refusal):
        restore_archive(home, url, tmp_path / "evil.tar")
    assert not list(home.path.parent.rglob("evil.py"))


def test_a_backup_is_readable_by_its_owner_alone_and_leaves_no_draft(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    write_archive(home, postgres.ensure_running(home, durable=False), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    with tarfile.open(file) as archive:
        assert "keys/database_password" not in archive.getnames()


def test_a_running_choir_is_noticed(home: Home) -> None:
    url = postgres.ensure_running(home, durable=False)
    assert others_connected(url) == 0
    with psycopg.connect(url):
        assert others_connected(url) == 1
