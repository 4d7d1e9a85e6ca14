"""Backup and restore: everything comes back, and a bad file changes nothing."""

import io
import stat
import tarfile
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from choir.installation import postgres
from choir.installation.home import Home
from choir.operations.archive import is_empty, others_connected, restore_archive, write_archive, write_into
from choir.operations.database_copy import Table, emptied, migrations_of, parts_of, tables_of
from choir.operations.ready import Refusal
from choir.people.models import Organisation
from tests.cast import cast
from tests.conversing import opened
from tests.thoroughness import IS_LONG

pytestmark = pytest.mark.slow
TEXT = "naïve “quotes” 😀 مرحبا \\ \t \n \\N end"


def content() -> dict[str, list[str]]:
    """Every row of every table that is kept, as text."""
    with connection.cursor() as cursor:
        found = {}
        for table in tables_of(cursor.connection):
            columns = ", ".join(f'"{column}"' for column in sorted(table.columns))
            cursor.execute(f'SELECT ROW({columns})::text FROM "{table.name}"')
            found[table.name] = sorted(row for (row,) in cursor.fetchall())
    return found


def archive_of(home: Home, file: Path) -> Path:
    """What the test's own transaction sees, in a file."""
    (home.keys / "audit_key").write_text("signs the record")
    (home.media / "deep").mkdir()
    (home.media / "deep" / "picture.bin").write_bytes(bytes(range(256)) * 100)
    with connection.cursor() as cursor, file.open("wb") as output:
        held = write_into(output, home, cursor.connection, "2026-03-04T12:00:00+00:00")
    assert held["media_files"] == 1
    return file


def test_everything_comes_back_in_another_installation(db: None, home: Home, tmp_path: Path) -> None:
    company = cast()
    conversation = opened(company, TEXT)
    Organisation.objects.filter(pk=company.organisation.pk).update(name=TEXT[:100])
    sealed, secret_key, before = home.cipher.encrypt(b"a network's token"), home.secret_key, content()
    file = archive_of(home, tmp_path / "backup.tar")
    other = Home(tmp_path / "other")
    (other.media / "stray.txt").write_text("x")
    Organisation.objects.create(name="Stray", slug="stray")
    with connection.cursor() as cursor:  # what the test wrote is checked now: a table with checks to come cannot go
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    restore_archive(other, file)
    assert content() == before
    conversation.refresh_from_db()
    assert conversation.messages.get().text == TEXT
    assert Home(other.path).secret_key == secret_key
    assert other.cipher.decrypt(sealed) == b"a network's token"
    assert (other.keys / "audit_key").read_text().strip() == "signs the record"
    assert [path.name for path in other.media.rglob("*") if path.is_file()] == ["picture.bin"]
    with connection.cursor() as cursor:  # numbers go on after the highest there is
        cursor.execute("SELECT count(*), max(id) FROM django_content_type")
        count, highest = cursor.fetchone()
        cursor.execute("SELECT nextval(pg_get_serial_sequence('django_content_type', 'id'))")
        assert cursor.fetchone()[0] == highest + 1 > count


def test_a_large_table_is_written_in_parts(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("choir.operations.database_copy.PART_BYTES", 1000)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE long AS SELECT repeat('x', 100) AS word FROM generate_series(1, 100)")
        assert len(list(parts_of(Table("long", ("word",)), cursor.connection))) == 10


def test_a_file_that_is_no_whole_backup_changes_nothing(home: Home, tmp_path: Path) -> None:
    whole = tmp_path / "whole.tar"
    home_keys = home.encryption_keys
    write_archive(home, postgres.ensure_running(home, durable=False), whole)
    content = whole.read_bytes()
    with tarfile.open(whole) as archive:
        starts = [member.offset for member in archive.getmembers()]
    for cut in (0, 100, 1_000, starts[-1] // 2, *starts):  # behind the last part there is only padding
        (tmp_path / "cut.tar").write_bytes(content[:cut])
        with pytest.raises(Refusal, match="nothing was changed"):
            restore_archive(home, tmp_path / "cut.tar")
    assert home.encryption_keys == home_keys
    assert not [path for path in home.path.iterdir() if path.name.startswith(".restore")]


def test_a_damaged_part_is_noticed_before_anything_changes(home: Home, tmp_path: Path) -> None:
    files = {
        "manifest.json": b'{"format": "choir-backup", "version": 2, "migrations": [], "tables": {"a": ["b"]}}',
        "database/a/00000000.gz": b"\x1f\x8b this is not what was packed",
        "end.json": b'{"parts": {"a": 1}, "media_files": 0, "keys": 0}',
    }
    with tarfile.open(tmp_path / "damaged.tar", "w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    with pytest.raises(Refusal, match="no whole backup"):
        restore_archive(home, tmp_path / "damaged.tar")


def test_a_file_with_paths_that_lead_elsewhere_is_refused(home: Home, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.add(__file__, "../../evil.py")
    with pytest.raises(Refusal):
        restore_archive(home, tmp_path / "evil.tar")
    assert not list(home.path.parent.rglob("evil.py"))


def test_a_backup_is_readable_by_its_owner_alone_and_leaves_no_draft(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    url = postgres.ensure_running(home, durable=False)
    assert is_empty(home, url)
    write_archive(home, url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    with tarfile.open(file) as archive:
        assert "keys/database_password" not in archive.getnames()


def test_a_running_choir_is_noticed(home: Home) -> None:
    url = postgres.ensure_running(home, durable=False)
    assert others_connected(url) == 0
    with psycopg.connect(url):
        assert others_connected(url) == 1


@pytest.mark.skipif(not IS_LONG, reason="takes a minute; bin/test-faults does it")
def test_tables_are_made_as_an_older_choir_had_them(db: None) -> None:
    with connection.cursor() as cursor:
        known = migrations_of(cursor.connection)
    with emptied([one for one in known if one[0] != "executive"]), connection.cursor() as cursor:
        tables = {table.name for table in tables_of(cursor.connection)}
    assert "inbox_conversation" in tables
    assert not any(name.startswith("executive_") for name in tables)
