"""A database with every table and nothing in it, from which each test run's databases are copied: making tables takes
seconds, copying a moment. It is made anew when a migration, a model or a dependency changed."""

import os
import subprocess
import sys
import tempfile
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
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": url, "CHOIR_DATA": folder}
        subprocess.run([sys.executable, "-m", "choir.operations", "migrate"], cwd=ROOT, env=environment, check=True)


def _digest() -> str:
    """Of everything that decides about the tables."""
    content = sha256((ROOT / "requirements.txt").read_bytes())
    deciding = [f"*/{kind}" for kind in ("migrations/*.py", "models.py", "models/*.py")]
    for file in sorted(one for pattern in deciding for one in (ROOT / "choir").glob(pattern)):
        content.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return content.hexdigest()[:12]
