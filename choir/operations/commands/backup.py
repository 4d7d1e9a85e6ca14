"""`choir backup FILE`: the whole installation in one file."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from choir.operations.archive import write_archive
from choir.operations.ready import Refusal, database_in_use, installation


def command(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON line.")] = False,
) -> None:
    """Write database, media and keys into one file while Choir runs. It holds secrets: keep it as you keep
    keys.

    Example: choir backup /backup/choir-monday.tar --data /srv/choir
    """
    if not file.absolute().parent.is_dir():
        raise Refusal(f"There is no folder {file.absolute().parent} to write the backup into; make it first.")
    home = installation()
    with database_in_use() as url:
        written = write_archive(home, url, file.absolute())
    if as_json:
        sys.stdout.write(json.dumps({"ok": True, **written}) + "\n")
    else:
        sys.stdout.write(f"{written['file']}: {written['bytes'] / 1024**2:.1f} MiB.\n")
