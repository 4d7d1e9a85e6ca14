"""An empty database gets the same tables at once as by every migration in turn."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from choir.operations.commands.migrate import pending
from tests.template import migrated
from tests.thoroughness import IS_LONG

ROOT = Path(__file__).resolve().parents[2]
ORDINARY = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
TOLD_BY = {
    "columns": """SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length,
        is_identity, generation_expression FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "migrations": "SELECT app, name FROM django_migrations",
    "permissions": """SELECT app_label, model, codename FROM auth_permission
        JOIN django_content_type AS kind ON kind.id = content_type_id""",
}


@pytest.mark.django_db
def test_nothing_is_left_to_migrate() -> None:
    assert pending() == []


@pytest.mark.skipif(not IS_LONG, reason="takes a minute; bin/test-faults does it")
def test_every_migration_in_turn_makes_the_same(database_url: str) -> None:
    at_once = told(database_url, migrated(database_url))
    in_turn = "choir_in_turn"
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(in_turn)))
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(in_turn)))
        environment = os.environ | {"DATABASE_URL": of(database_url, in_turn)}
        for command in ("migrate", "createcachetable"):
            django = [sys.executable, "-m", "django", command, "--settings", "config.settings", "--verbosity", "0"]
            subprocess.run(django, cwd=ROOT, env=environment, check=True)
        made = told(database_url, in_turn)
        server.execute(SQL("DROP DATABASE {}").format(Identifier(in_turn)))
    assert made["columns"]
    for kind, rows in made.items():
        assert at_once[kind] == rows, kind


def told(url: str, database: str) -> dict[str, set[tuple[object, ...]]]:
    """What a database says of its tables, and how many rows stand in each."""
    with psycopg.connect(of(url, database)) as connection:
        found = {kind: set(connection.execute(statement).fetchall()) for kind, statement in TOLD_BY.items()}
        tables = connection.execute(ORDINARY).fetchall()
        counting = SQL("SELECT count(*) FROM {}")
        found["rows"] = {
            (name, *row) for (name,) in tables for row in connection.execute(counting.format(Identifier(name)))
        }
    return found


def of(url: str, database: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
