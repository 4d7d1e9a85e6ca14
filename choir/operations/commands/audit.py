"""`choir audit`: is the record what it was when it was written?"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from choir.events.verify import Finding, Head, heads_from, verify
from choir.events.verify import heads as heads_now
from choir.operations.ready import Refusal
from choir.people.models import Organisation

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
JSON = Annotated[bool, typer.Option("--json", help="Report as one JSON line.")]
ORGANISATION = Annotated[str, typer.Option(metavar="SLUG", help="Only this organisation's chains.")]


@app.callback()
def audit() -> None:
    """The record: verify its chains, and keep their heads elsewhere.

    Example: choir audit verify
    """


@app.command("verify")
def verify_record(
    as_json: JSON = False,
    organisation: ORGANISATION = "",
    expect: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Heads kept elsewhere, as `choir audit heads` wrote them.")
    ] = None,
) -> None:
    """Recompute every chain of events and hold it against its seals, and against heads kept elsewhere.

    Finds any edit, removal, insertion or change of order. Exit code 1 when something is not as it was.

    Example: choir audit verify --expect /mnt/elsewhere/heads.json
    """
    findings = []
    for finding in verify(_organisation(organisation), expect=_kept(expect)):
        findings.append(finding)
        if not as_json:
            _say(finding)
    whole = all(finding.is_whole for finding in findings)
    if as_json:
        sys.stdout.write(json.dumps({"ok": whole, "chains": [finding.stated() for finding in findings]}) + "\n")
    else:
        events = sum(finding.events_count for finding in findings)
        verdict = "The record is whole" if whole else "The record was changed"
        sys.stdout.write(f"{verdict}: {events} events in {len(findings)} chains.\n")
    if not whole:
        raise typer.Exit(1)


@app.command("heads")
def print_heads(organisation: ORGANISATION = "") -> None:
    """Print where each chain ends, as JSON; keep it outside this machine, and give it to `verify --expect` later.

    Example: choir audit heads > /mnt/elsewhere/heads.json
    """
    stated = {"heads": [head.stated() for head in heads_now(_organisation(organisation))]}
    sys.stdout.write(json.dumps(stated, indent=2) + "\n")


def _organisation(slug: str) -> Organisation | None:
    if not slug:
        return None
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Organisation.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise Refusal(f"There is no organisation “{slug}”; there are: {known}.")
    return found


def _kept(file: Path | None) -> list[Head]:
    if file is None:
        return []
    try:
        return heads_from(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise Refusal(f"The heads in {file} cannot be used, so nothing was verified: {error}") from error


def _say(finding: Finding) -> None:
    chain = finding.chain
    name = f"workspace {chain.workspace_id}" if chain.workspace_id else f"organisation {chain.organisation_id}"
    head = finding.head.digest.hex()[:16] if finding.head else "nothing sealed"
    waiting = f", {finding.unsealed_count} not sealed yet" if finding.unsealed_count else ""
    state = "whole" if finding.is_whole else f"{finding.problems_count} problems"
    sys.stdout.write(f"{name}: {state}; {finding.events_count} events, {head}{waiting}\n")
    for problem in finding.problems:
        event = f" (event {problem.event_id})" if problem.event_id else ""
        sys.stdout.write(f"  position {problem.position}{event}: {problem.what}\n")
