"""The tables of an empty database, made at once.

Migrations carry an installation that has data from one version to the next. On an empty database they would make every
table as it once was and change it step by step to what it is now, which takes half a minute of a processor: Django
puts all models together anew at each step. Here the tables are made from the models as they are now, and the
migrations are written down as done. What migrations say in SQL of their own (triggers) is said; what they did to rows
has nothing to do. `bin/test-faults` makes the tables both ways and compares them.
"""

from __future__ import annotations

from collections.abc import Collection

from django.apps import apps
from django.db import connection, transaction
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.state import ProjectState

NO_STATE = ProjectState()  # SQL asks for none
PEOPLE = "people"  # the first of Choir's own apps; what needs it stands on our tables


def make_tables(*, but: Collection[str] = ()) -> None:
    """Make every table in a database that has none, except those of the apps `but`. Killed on the way, Choir's own are
    all there or none of them."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    leaves = [node for node in graph.leaf_nodes() if node[0] not in but]
    executor.migrate([node for node in leaves if _stands_alone(graph, node)])
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(leaves)
    labels = {migration.app_label for migration, _ in plan}
    with transaction.atomic(), connection.schema_editor() as editor:
        for model in (one for one in apps.get_models() if one._meta.app_label in labels):
            editor.create_model(model)
        for migration, _ in plan:
            for operation in (one for one in migration.operations if isinstance(one, RunSQL)):
                operation.database_forwards(migration.app_label, editor, NO_STATE, NO_STATE)
            executor.recorder.record_applied(migration.app_label, migration.name)


def _stands_alone(graph: MigrationGraph, leaf: tuple[str, str]) -> bool:
    """Whether an app does not refer to ours: then its own migrations are quick."""
    return all(needed[0] != PEOPLE for needed in graph.forwards_plan(leaf))
