"""`choir demo`: an invented company to look at, loaded and removed."""

import json
import sys
import time
from dataclasses import asdict
from typing import Annotated

import typer
from django.utils import timezone

from choir.demo.load import AlreadyLoadedError
from choir.demo.load import load as load_company
from choir.demo.remove import remove as remove_company
from choir.operations.cli import PLAIN

app = typer.Typer(**PLAIN)


@app.callback()
def demo() -> None:
    """Load or remove Brindlewick, an invented company with three months of history.

    Example: choir demo load
    """


AsJson = Annotated[bool, typer.Option("--json", help="Report as one JSON line.")]


@app.command()
def load(as_json: AsJson = False) -> None:
    """Load the demo company, marked as such. When it is there already, nothing changes.

    Example: choir demo load --data /srv/choir
    """
    began = time.monotonic()
    try:
        loaded = asdict(load_company(at=timezone.now()))
    except AlreadyLoadedError as there:
        report({"ok": True, "loaded": False}, str(there), as_json=as_json)
        return
    seconds = round(time.monotonic() - began, 1)
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in loaded.items())
    report({"ok": True, "loaded": True, "seconds": seconds} | loaded, f"{counts} in {seconds} s.", as_json=as_json)


@app.command()
def remove(as_json: AsJson = False) -> None:
    """Remove the demo company and everything of it. Without one, nothing changes.

    Example: choir demo remove --data /srv/choir
    """
    removed = remove_company()
    report({"ok": True, "rows": removed}, f"{removed:,} rows removed.", as_json=as_json)


def report(facts: dict[str, object], sentence: str, *, as_json: bool) -> None:
    sys.stdout.write((json.dumps(facts) if as_json else sentence) + "\n")
