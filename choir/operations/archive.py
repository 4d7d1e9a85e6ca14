"""A whole installation in one file, and back: the database, the media and the keys.

A tar with `manifest.json` first, then `database.dump` (pg_dump's custom format), `media/…` and `keys/…`. The
database's own password stays with the machine.
"""

import datetime as dt
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from choir.installation.database_url import connection_parameters
from choir.installation.home import OWNER_ONLY, Home, write_secret
from choir.installation.postgres_programs import NoPrograms, Programs, find_programs
from choir.operations.ready import Refusal

FORMAT = "choir-backup"
VERSION = 1
LIBPQ_NAMES = {"dbname": "PGDATABASE", "application_name": "PGAPPNAME"}
KEYS = ("secret_key", "encryption_key")


def write_archive(home: Home, url: str, file: Path) -> dict[str, Any]:
    """Write the installation into `file`, whole or not at all, readable by its owner alone; return what it
    holds."""
    draft = file.with_name(f".{file.name}.draft")
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "media_files": _count_files(home.media),
    }
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".choir-backup-") as folder:
            dump = Path(folder) / "database.dump"
            _run(programs(), "pg_dump", url, ["--format=custom", "--no-owner", "--no-privileges", f"--file={dump}"])
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
                with tarfile.open(fileobj=output, mode="w") as archive:
                    _add_text(archive, "manifest.json", json.dumps(manifest))
                    archive.add(dump, "database.dump")
                    _add_text(archive, "keys/secret_key", home.secret_key)
                    _add_text(archive, "keys/encryption_key", "\n".join(home.encryption_keys))
                    archive.add(home.media, "media")
                output.flush()
                os.fsync(output.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return manifest | {"file": str(file), "bytes": file.stat().st_size}


def restore_archive(home: Home, url: str, file: Path) -> dict[str, Any]:
    """Make the installation what it was when `file` was written. The database changes in one transaction:
    when anything is wrong with the file, what was there before stays."""
    with _unpacked(home, file) as folder:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        tools = programs()
        script = folder / "database.sql"
        _run(
            tools,
            "pg_restore",
            None,
            ["--no-owner", "--no-privileges", f"--file={script}", str(folder / "database.dump")],
        )
        clear = folder / "clear.sql"
        clear.write_text("DROP OWNED BY CURRENT_USER CASCADE;\nCREATE SCHEMA IF NOT EXISTS public;\n")
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        _run(tools, "psql", url, [*options, f"--file={clear}", f"--file={script}"])
        for name in KEYS:
            write_secret(home.keys / name, (folder / "keys" / name).read_text("utf-8").strip())
        shutil.rmtree(home.media)
        (folder / "media").rename(home.media)
        home.media.chmod(OWNER_ONLY)
    return manifest


def is_empty(home: Home, url: str) -> bool:
    """True if restoring here loses nothing: no tables and no media."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return tables == (0,) and not any(home.media.iterdir())


def others_connected(url: str) -> int:
    """How many other connections the database has: a running Choir's, most likely."""
    with psycopg.connect(url) as connection:
        count = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
    return count[0] if count else 0


def programs() -> Programs:
    """PostgreSQL's own tools. Raises Refusal where the machine has none."""
    try:
        return find_programs()
    except NoPrograms as error:
        raise Refusal(f"Backups are made with PostgreSQL's own tools. {error}") from error


@contextmanager
def _unpacked(home: Home, file: Path) -> Iterator[Path]:
    """The archive's content in a folder of the installation's own disk, so that media can be moved in."""
    try:
        with tarfile.open(file) as archive, tempfile.TemporaryDirectory(dir=home.path, prefix=".restore-") as name:
            folder = Path(name)
            archive.extractall(folder, filter="data")
            manifest = json.loads((folder / "manifest.json").read_text())
            if manifest["format"] != FORMAT or manifest["version"] != VERSION:
                raise Refusal(f"{file} is a backup of a kind this version of Choir does not know; update Choir first.")
            parts = [folder / "database.dump", *(folder / "keys" / name for name in KEYS)]
            whole = all(part.exists() for part in parts)
            if not whole or _count_files(folder / "media") != manifest["media_files"]:
                raise ValueError("parts are missing")
            yield folder
    except (tarfile.TarError, KeyError, ValueError, FileNotFoundError) as error:
        raise Refusal(f"{file} is no whole backup of Choir ({error}); nothing was changed.") from error


def _run(tools: Programs, name: str, url: str | None, options: list[str]) -> None:
    """Run one of PostgreSQL's tools; what it needs to connect goes through its environment, where no other
    account sees it. Raises Refusal with its words."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    if url:
        for parameter, value in connection_parameters(url).items():
            environment[LIBPQ_NAMES.get(parameter, f"PG{parameter.upper()}")] = value
    answer = subprocess.run([tools[name], *options], capture_output=True, text=True, check=False, env=environment)
    if answer.returncode:
        reason = (answer.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise Refusal(f"{name} failed ({reason}), so nothing was changed.")


def _count_files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    content = text.encode("utf-8")
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))
