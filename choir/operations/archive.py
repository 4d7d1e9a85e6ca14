"""A whole installation in one file, and back: the database, the media and the keys.

A tar with `manifest.json` first (format, time, migrations, tables with their columns), then `database/TABLE/NUMBER.gz`
(see `database_copy`), `keys/…`, `media/…`, and last `end.json` with what must have come before it, by which a file that
was cut short is known. The database's own password stays with the machine.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg
from django.db import DatabaseError

from choir.installation.home import OWNER_ONLY, Home, write_secret
from choir.operations.database_copy import (
    NotRestorable,
    Table,
    check_tables,
    emptied,
    fill,
    migrations_of,
    one_moment,
    parts_of,
    tables_of,
)
from choir.operations.ready import Refusal

FORMAT = "choir-backup"
VERSION = 2
OF_THE_MACHINE = "database_password"
LEAVING_SECONDS = 2.0


def write_archive(home: Home, url: str, file: Path) -> dict[str, Any]:
    """Write the installation into `file`, whole or not at all, readable by its owner alone; return what it
    holds."""
    draft = file.with_name(f".{file.name}.draft")
    made_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
            with one_moment(url) as reading:
                held = write_into(output, home, reading, made_at)
            output.flush()
            os.fsync(output.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    made = {"format": FORMAT, "version": VERSION, "made_at": made_at}
    return made | held | {"file": str(file), "bytes": file.stat().st_size}


def write_into(output: IO[bytes], home: Home, reading: psycopg.Connection[Any], made_at: str) -> dict[str, int]:
    """The archive, of what one connection sees."""
    parts: Counter[str] = Counter()
    with tarfile.open(fileobj=output, mode="w") as archive:
        tables = tables_of(reading)
        manifest = {
            "format": FORMAT, "version": VERSION, "made_at": made_at, "migrations": migrations_of(reading),
            "tables": {table.name: table.columns for table in tables},
        }  # fmt: skip
        _add(archive, "manifest.json", json.dumps(manifest).encode())
        for table in tables:
            for part in parts_of(table, reading):
                _add(archive, f"database/{table.name}/{parts[table.name]:08}.gz", part)
                parts[table.name] += 1
        keys = [path for path in sorted(home.keys.iterdir()) if path.is_file() and path.name != OF_THE_MACHINE]
        for path in keys:
            _add(archive, f"keys/{path.name}", path.read_bytes())
        media_files = 0
        for path in sorted(home.media.rglob("*")):
            if path.is_file():
                with suppress(FileNotFoundError):  # removed by Choir, which runs meanwhile
                    archive.add(path, f"media/{path.relative_to(home.media).as_posix()}")
                    media_files += 1
        end = {"parts": parts, "media_files": media_files, "keys": len(keys)}
        _add(archive, "end.json", json.dumps(end).encode())
    return {"tables": len(tables), "media_files": media_files}


def restore_archive(home: Home, file: Path) -> dict[str, Any]:
    """Make the installation what it was when `file` was written; Django must be set up on its database. The database
    changes in one transaction: when anything is wrong with the file, what was there before stays."""
    with _refusing(file), tempfile.TemporaryDirectory(dir=home.path, prefix=".restore-") as temporary:
        folder = Path(temporary)
        with tarfile.open(file) as archive:
            manifest = _whole(file, archive)
            with emptied(manifest["migrations"]):
                check_tables(manifest["tables"])
                for table, parts in _tables_in(archive, manifest):
                    fill(table, parts)
                for member in archive.getmembers():
                    if member.name.startswith(("media/", "keys/")):
                        archive.extract(member, folder, filter="data")
        for key in (folder / "keys").iterdir():
            write_secret(home.keys / key.name, key.read_text("utf-8").strip())
        shutil.rmtree(home.media)
        (folder / "media").mkdir(exist_ok=True)
        (folder / "media").rename(home.media)
        home.media.chmod(OWNER_ONLY)
    return {key: manifest[key] for key in ("format", "version", "made_at")}


def _whole(file: Path, archive: tarfile.TarFile) -> dict[str, Any]:
    """The manifest of an archive in which nothing is missing or damaged: every part is unpacked once."""
    manifest: dict[str, Any] = json.loads(_read(archive, "manifest.json"))
    if manifest["format"] != FORMAT or manifest["version"] != VERSION:
        raise Refusal(f"{file} is a backup of a kind this version of Choir does not know; update Choir first.")
    end = json.loads(_read(archive, "end.json"))
    names = [PurePosixPath(member.name) for member in archive.getmembers() if member.isfile()]
    parts = Counter(name.parts[1] for name in names if name.parts[0] == "database")
    count = Counter(name.parts[0] for name in names)
    if parts != Counter(end["parts"]) or (count["media"], count["keys"]) != (end["media_files"], end["keys"]):
        raise ValueError("parts are missing")
    for name in names:
        if name.parts[0] == "database":
            gzip.decompress(_read(archive, str(name)))
    return manifest


def _tables_in(archive: tarfile.TarFile, manifest: dict[str, Any]) -> Iterator[tuple[Table, Iterator[bytes]]]:
    """Each table that has rows, with its parts in order."""
    numbered: dict[str, list[str]] = {}
    for member in archive.getmembers():
        if member.name.startswith("database/"):
            numbered.setdefault(PurePosixPath(member.name).parts[1], []).append(member.name)
    for table, names in numbered.items():
        yield Table(table, tuple(manifest["tables"][table])), (_read(archive, one) for one in sorted(names))


def is_empty(home: Home, url: str) -> bool:
    """True if restoring here loses nothing: no tables and no media."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return tables == (0,) and not any(home.media.iterdir())


def others_connected(url: str) -> int:
    """How many other connections the database has: a running Choir's, most likely. One that was closed a moment ago is
    given time to go."""
    until = time.monotonic() + LEAVING_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            count = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchone()
            if not count or not count[0] or time.monotonic() > until:
                return count[0] if count else 0
            time.sleep(0.05)


@contextmanager
def _refusing(file: Path) -> Iterator[None]:
    """What is wrong with a file becomes a sentence."""
    try:
        yield
    except NotRestorable as error:
        raise Refusal(f"{file} cannot be restored: {error}. Nothing was changed.") from error
    except (DatabaseError, psycopg.Error) as error:
        reason = (
            getattr(getattr(error.__cause__ or error, "diag", None), "message_primary", None) or "it gave no reason"
        )
        raise Refusal(
            f"{file} cannot be restored: the database refuses its rows ({reason}). Nothing changed."
        ) from error
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, KeyError, ValueError, FileNotFoundError) as error:
        raise Refusal(f"{file} is no whole backup of Choir ({error}); nothing was changed.") from error


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise ValueError(f"{name} is no file")
    return member.read()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))
