"""The tables of an empty database, made at once.

Migrations carry an installation that has data from one version to the next. On an empty database they would make every
table as it once was and change it step by step to what it is now, which takes half a minute of a processor: Django
puts all models together anew at each step. Here the tables are made from the models as they are now, and the
migrations are written down as done. What migrations say in SQL of their own (triggers) is said; what they did to rows
has nothing to do. `bin/test-faults` makes the tables both ways and compares them.
"""

from __future__ import annotations

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

NO_STATE = ProjectState()  # SQL asks for none
PEOPLE = "people"  # the first of Choir's own apps; what needs it stands on our tables


def make_tables() -> None:
    """Make every table in a database that has none. Killed on the way, Choir's own are all there or none of them."""
    executor = MigrationExecutor(connection)
    for label in sorted(_standing_alone(executor)):
        call_command("migrate", label, interactive=False, verbosity=0)
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    labels = {migration.app_label for migration, _ in plan}
    with transaction.atomic(), connection.schema_editor() as editor:
        for model in (one for one in apps.get_models() if one._meta.app_label in labels):
            editor.create_model(model)
        for migration, _ in plan:
            for operation in (one for one in migration.operations if isinstance(one, RunSQL)):
                operation.database_forwards(migration.app_label, editor, NO_STATE, NO_STATE)
            executor.recorder.record_applied(migration.app_label, migration.name)
    call_command("migrate", interactive=False, verbosity=0)  # finds nothing to apply, and does what follows it


def _standing_alone(executor: MigrationExecutor) -> set[str]:
    """The apps of others that do not refer to ours: quickly made by their own migrations."""
    graph = executor.loader.graph
    return {
        node[0]
        for node in graph.leaf_nodes()
        if all(needed[0] != PEOPLE for needed in graph.forwards_plan(node))
    }  # fmt: skip
