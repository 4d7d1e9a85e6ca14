"""`choir migrate`: the database's tables as this version of Choir wants them."""

import json
import sys
import zlib
from typing import Annotated

import typer
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from choir.operations.tables import make_tables

LOCK = zlib.crc32(b"choir migrate")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON line.")] = False,
) -> None:
    """Bring the database's tables up to date. Safe to run twice and from several machines at once.

    Example: choir migrate --data /srv/choir
    """
    applied = bring_up_to_date()
    if as_json:
        sys.stdout.write(json.dumps({"ok": True, "applied": applied}) + "\n")
    else:
        sys.stdout.write(f"{len(applied)} migrations applied.\n" if applied else "The tables are up to date.\n")


def bring_up_to_date() -> list[str]:
    """Apply what is pending, one process at a time; the migrations that were applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            applied = pending()
            if applied and not connection.introspection.table_names():
                make_tables()  # then there is nothing to apply but what follows it: permissions
            if applied:
                call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return applied


def pending() -> list[str]:
    """The migrations that the database has not had yet, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
