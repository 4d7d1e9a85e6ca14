"""`choir restore FILE`: an installation as it was when the backup was made."""

import importlib
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from choir.operations.archive import is_empty, others_connected, restore_archive
from choir.operations.database_copy import JOBS
from choir.operations.ready import Refusal, database_in_use, django_ready, installation


def command(
    file: Annotated[Path, typer.Argument(help="A file that `choir backup` wrote.")],
    force: Annotated[bool, typer.Option(help="Replace what the installation holds now.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON line.")] = False,
) -> None:
    """Restore a backup into an empty installation, or with --force over what is there. Stop Choir first.

    Example: choir restore /backup/choir-monday.tar --data /srv/choir-again
    """
    if not file.is_file():
        raise Refusal(f"There is no file {file}; name one that `choir backup` wrote.")
    home = installation()
    with database_in_use() as url:
        if not force and not is_empty(home, url):
            raise Refusal(
                f"The installation in {home.path} is not empty and restoring would replace it; give another folder "
                "with --data, or --force if you mean it."
            )
        if others := others_connected(url):
            raise Refusal(f"{others} connections use this database: Choir seems to run. Stop it and try again.")
        django_ready()
        manifest = restore_archive(home, file)
        applied = importlib.import_module("choir.operations.commands.migrate").bring_up_to_date()
    newer = [one for one in applied if not one.startswith(f"{JOBS}.")]  # its tables are never kept, always made anew
    if as_json:
        sys.stdout.write(json.dumps({"ok": True, **manifest, "applied": newer}) + "\n")
    else:
        brought = f" Migrations made since then were applied: {', '.join(newer)}." if newer else ""
        sys.stdout.write(f"Restored as of {manifest['made_at']}.{brought}\n")
