"""`choir measure`: the figures, kept up by themselves; made anew when somebody wants to be sure."""

import json
import sys
from typing import Annotated

import typer
from django.utils import timezone

from choir.measurement.document import document
from choir.measurement.measure import rebuild as rebuild_workspace
from choir.measurement.tally import tally_all
from choir.people.models import Workspace

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def measure() -> None:
    """What the figures are, and making them anew; the workers keep them up, nothing needs to be run by hand.

    Example: choir measure definitions
    """


@app.command()
def rebuild(
    workspace: Annotated[
        str, typer.Option(metavar="SLUG", help="Only this workspace; all of them if it is left out.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON line.")] = False,
) -> None:
    """Throw away what is kept for figures and work it out again from the record, the messages and the clocks.

    Example: choir measure rebuild --workspace acme
    """
    chosen = Workspace.objects.filter(slug=workspace) if workspace else Workspace.objects.all()
    if workspace and not chosen.exists():
        sys.stderr.write(f"There is no workspace “{workspace}”. Leave the option out to rebuild all of them.\n")
        raise typer.Exit(2)
    now = timezone.now()
    counts = {one.slug: rebuild_workspace(one, at=now) for one in chosen}
    days = {one.slug: tally_all(one, at=now) for one in chosen.select_related("organisation")}
    if as_json:
        sys.stdout.write(json.dumps({"ok": True, "conversations": counts, "days": days}) + "\n")
    else:
        for slug, count in counts.items():
            sys.stdout.write(f"{slug}: {count} conversations measured anew, {days[slug]} days counted.\n")


@app.command()
def definitions() -> None:
    """Print what each metric is: definition, formula, unit, an example worked by hand.

    Example: choir measure definitions
    """
    sys.stdout.write(document())
