"""`choir triage`: score what triage knows on labelled texts."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from choir.triage.evaluate import TASKS, Figures, Row, evaluate

app = typer.Typer(help="Score how well posts are understood.", no_args_is_help=True)


@app.callback()
def triage() -> None:
    """Score how well posts are understood."""


@app.command("evaluate")
def evaluate_file(
    file: Annotated[Path, typer.Argument(help="Labelled CSV, plain or gzipped (.gz).")],
    *,
    task: Annotated[str, typer.Option(help=f"One of: {', '.join(TASKS)}.")],
    text: Annotated[str, typer.Option(help="Column with the text.")] = "text",
    label: Annotated[str, typer.Option(help="Column with the right answer.")] = "label",
    language: Annotated[str, typer.Option(help="Column with the language, for figures per language.")] = "lang",
    renamed: Annotated[str, typer.Option("--map", help="Labels to rename before scoring, as 'a=b,c=d'.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
) -> None:
    """Score a labelled CSV with what this installation ships.

    Example: choir triage evaluate posts.csv --task sentiment --label feeling --map "pos=positive,neg=negative"
    """
    try:
        rows = list(labelled(file, text, label, language, names(renamed)))
        figures = evaluate(rows, task)
    except (ValueError, OSError, csv.Error) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)


def names(renamed: str) -> dict[str, str]:
    """The pairs of `--map`; raises ValueError for a pair without "="."""
    found = {}
    for pair in filter(None, (part.strip() for part in renamed.split(","))):
        old, equals, new = pair.partition("=")
        if not equals:
            raise ValueError(
                f"--map has {pair!r}, which is not a pair. Write it as old=new, pairs separated by commas."
            )
        found[old.strip()] = new.strip()
    return found


def labelled(file: Path, text: str, label: str, language: str, renamed: dict[str, str]) -> Iterator[Row]:
    """The rows of a CSV that have a label; raises ValueError when a column is missing."""
    csv.field_size_limit(50_000_000)
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8-sig", errors="replace", newline="") as lines:
        table = csv.DictReader(line.replace("\0", "") for line in lines)
        missing = {text, label} - set(table.fieldnames or ())
        if missing:
            columns = ", ".join(table.fieldnames or ()) or "none"
            raise ValueError(f"{file} has no column {', '.join(sorted(missing))}. Its columns are: {columns}.")
        for row in table:
            answer = renamed.get(row[label] or "", row[label] or "")
            if answer:
                yield Row(row[text] or "", answer, row.get(language) or "")


def show(figures: Figures) -> None:
    """The figures for a person to read."""
    for name, figure in figures.items():
        if isinstance(figure, dict):
            typer.echo(f"{name}:")
            for key, value in figure.items():
                typer.echo(f"  {key}: {value}")
        else:
            typer.echo(f"{name}: {figure}")
