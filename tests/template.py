"""A database with every table and nothing in it, from which each test run's databases are copied: migrating takes many
seconds, copying a moment. It is made anew when a migration or a dependency changed."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parents[1]
NAMED = "choir_migrated_"
ONE_AT_A_TIME = 20_310  # the number of the lock that workers wait for; any will do


def migrated(url: str) -> str:
    """The name of that database on the server of `url`."""
    name = f"{NAMED}{_digest()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        known = [
            row[0] for row in server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [NAMED])
        ]
        if name not in known:
            for old in known:
                server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(old)))
            making = f"{NAMED}making"
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(making)))
            _migrate(urlunsplit(urlsplit(url)._replace(path=f"/{making}")))
            server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(making), Identifier(name)))
    return name


def _migrate(url: str) -> None:
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "-m", "django", *command], cwd=ROOT, env=environment, check=True)


def _digest() -> str:
    """Of everything that decides about the tables."""
    content = sha256((ROOT / "requirements.txt").read_bytes())
    for migration in sorted((ROOT / "choir").glob("*/migrations/*.py")):
        content.update(str(migration.relative_to(ROOT)).encode() + migration.read_bytes())
    return content.hexdigest()[:12]
