"""`choir doctor`: is everything well, and if not, what to do."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import psycopg
import typer

from choir.installation.postgres import DatabaseUnavailable
from choir.operations.finding import Finding
from choir.operations.health import installation_findings
from choir.operations.ready import database_in_use, django_ready, installation
from config.environment import environment_or_exit

MARKS = {"ok": "ok   ", "warn": "warn ", "fail": "FAIL "}


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON line.")] = False,
) -> None:
    """Look at settings, keys, disk, database, workers, channels and clock; say what to do. Fails if one
    fails.

    Example: choir doctor --data /srv/choir
    """
    findings = list(examine())
    well = all(finding.verdict != "fail" for finding in findings)
    if as_json:
        sys.stdout.write(json.dumps({"ok": well, "findings": [asdict(finding) for finding in findings]}) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{MARKS[finding.verdict]} {finding.subject}: {finding.says}\n")
            if finding.advice:
                sys.stdout.write(f"      → {finding.advice}\n")
    raise typer.Exit(0 if well else 1)


def examine() -> Iterator[Finding]:
    """Every finding, from the folder up; a database that does not answer is a finding, too."""
    yield from installation_findings(installation(), environment_or_exit())
    try:
        with database_in_use():
            django_ready()
            from choir.operations.database_health import database_findings  # noqa: PLC0415 -- imports models

            yield from database_findings()
    except DatabaseUnavailable as error:
        yield Finding("database", "fail", str(error))
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        yield Finding("database", "fail", reason, "Start that PostgreSQL, or mend DATABASE_URL.")
