"""A new database cluster, and in it the role and the database that Choir uses."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

import psycopg
import structlog
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from choir.installation.account import Account, short_name
from choir.installation.home import Home
from choir.installation.postgres_programs import Programs, find_programs, reachable_by
from choir.installation.postgres_settings import ADMINISTRATOR

ROLE = "choir"
DATABASE = "choir"
CLUSTERS_ELSEWHERE = Path("/var/lib/choir")
BUILTIN_LOCALE_SINCE = 17

log = structlog.get_logger()


def password_of(home: Home) -> str:
    """The application role's password, made on first use."""
    return home.secret("database_password", lambda: secrets.token_urlsafe(32))


def create_cluster(home: Home, account: Account, *, durable: bool) -> None:
    """Make the cluster unless it is there. It appears whole or not at all: initdb works in a draft beside
    it."""
    if home.database.exists():
        return
    cluster = _place(home, account)
    draft = cluster.with_name("database.draft")
    if draft.exists():  # initdb was killed the last time
        shutil.rmtree(draft)
    draft.mkdir()
    account.owns(draft)
    log.info("database.creating", folder=str(cluster))
    _initialise(draft, account, durable=durable)
    draft.rename(cluster)
    if cluster != home.database:
        home.database.symlink_to(cluster)


def ensure_role_and_database(home: Home, url: str) -> None:
    """Give the application its role, password and database where the server has them not or not so.

    Does nothing while the server takes no connections yet.
    """
    server = conninfo_to_dict(url)
    try:
        connection = psycopg.connect(
            host=server["host"], port=server["port"], user=ADMINISTRATOR, dbname="postgres", autocommit=True
        )
    except psycopg.OperationalError:
        return
    with connection:
        encrypted = connection.pgconn.encrypt_password(
            password_of(home).encode(), ROLE.encode(), b"scram-sha-256"
        ).decode()
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        connection.execute(sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(verb, role, sql.Literal(encrypted)))
        connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(role))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


def _place(home: Home, account: Account) -> Path:
    """Where the cluster goes: into the installation, or, where the database's account cannot get there
    (root's home is closed), under /var/lib with a link to it."""
    if account.can_reach(home.path):
        return home.database
    folder = CLUSTERS_ELSEWHERE / short_name(home.path)
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    if not account.can_reach(folder):
        raise PermissionError(13, f"the account {account.name} can enter neither {home.path} nor {folder}")
    if (folder / "database").exists():
        raise FileExistsError(17, f"{folder} holds the database of an installation that was at {home.path} before")
    return folder / "database"


def _initialise(folder: Path, account: Account, *, durable: bool) -> None:
    programs = reachable_by(account, find_programs())
    command = [
        programs["initdb"],
        f"--pgdata={folder}",
        f"--username={ADMINISTRATOR}",
        "--encoding=UTF8",
        *_locale(programs),
        "--auth-local=peer",
        "--auth-host=reject",
        "--data-checksums",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, **account.subprocess_options)
    if answer.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        reason = (answer.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise OSError(f"initdb failed as {account.name}: {reason}")


def _locale(programs: Programs) -> list[str]:
    """Text sorts by code point and folds case by Unicode, the same on every machine."""
    if programs.version >= BUILTIN_LOCALE_SINCE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"] if os.name == "posix" else ["--locale=C"]
