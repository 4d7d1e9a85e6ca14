"""`choir triage`: score what triage knows on labelled texts."""

import codecs
import csv
import gzip
import itertools
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from choir.people.models import Workspace
from choir.triage.charters import Charters
from choir.triage.evaluate import TASKS, Figures, Row, answers_to, evaluate
from choir.triage.learning.adapted import Learnt
from choir.triage.learning.versions import learnt_of
from choir.triage.queries import charters_of
from choir.triage.reader import AS_SHIPPED, VERSION

TOLD = (
    *("accuracy", "macro_f1", "macro_recall", "per_class", "per_language", "ece", "coverage_at_90"),
    "texts_per_second",
)  # what --json ends with
READ_BYTES = 1 << 20

app = typer.Typer(no_args_is_help=True)


@app.callback()
def triage() -> None:
    """Score how well posts are understood, and read history again.

    Example: choir triage evaluate posts.csv --task sentiment
    """


@app.command("evaluate")
def evaluate_file(
    file: Annotated[Path, typer.Argument(help="Labelled CSV, plain or gzipped (.gz).")],
    *,
    task: Annotated[str, typer.Option(help=f"One of: {', '.join(TASKS)}.")],
    text: Annotated[str, typer.Option(help="Column with the text.")] = "text",
    label: Annotated[str, typer.Option(help="Column with the right answer.")] = "label",
    language: Annotated[str, typer.Option(help="Column with the language, for figures per language.")] = "lang",
    renamed: Annotated[str, typer.Option("--map", help="Labels to rename before scoring, as 'a=b,c=d'.")] = "",
    workspace: Annotated[str, typer.Option(help="Slug of a workspace: with what it taught, its departments.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
) -> None:
    """Score a labelled CSV with what this installation ships.

    Example: choir triage evaluate posts.csv --task sentiment --label feeling --map "pos=positive,neg=negative"
    """
    try:
        rows = list(labelled(file, text, label, language, names(renamed)))
        learnt, charters = taught_by(workspace)
        figures = evaluate(rows, task, learnt=learnt, charters=charters)
        warn_of_odd_labels(rows, task, charters)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        typer.echo(f"{file} cannot be read: {why}. It has to be a CSV, plain or gzipped, that you may read.", err=True)
        raise typer.Exit(2) from error
    except (ValueError, csv.Error) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps({name: figures[name] for name in TOLD}, ensure_ascii=False))
    else:
        show(figures)


@app.command("reread")
def reread_history(
    workspace: Annotated[str, typer.Option(metavar="SLUG", help="Only this workspace; all if it is left out.")] = "",
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Only what was said since this day.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
) -> None:
    """Read history again with what reads best now; stop it when you like, it goes on from there the next time.

    What people corrected stays as it is, and nothing changes hands. Live messages are read first.

    Example: choir triage reread --workspace acme --since 2026-01-01
    """
    from choir.operations.rereading import WrongQuestionError, reread_with_progress  # noqa: PLC0415 -- needs Django

    try:
        made = reread_with_progress(workspace, since)
    except WrongQuestionError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps({"ok": True, "readings": made}))


def warn_of_odd_labels(rows: Sequence[Row], task: str, charters: Charters | None) -> None:
    """Says which labels are never given as an answer: their rows count as wrong."""
    known = answers_to(task, {row.label for row in rows}, charters=charters)
    odd = Counter(row.label for row in rows if row.label not in known)
    if odd:
        named = ", ".join(f"{label} ({count})" for label, count in odd.most_common(8))
        typer.echo(
            f"{odd.total()} of {len(rows)} rows have labels that are no answer to {task!r} and count as wrong: {named}."
            f" Answers are {', '.join(sorted(known))}. Rename yours with --map old=new.",
            err=True,
        )


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
    opener = gzip.open if is_packed(file) else open
    with opener(file, "rt", encoding=encoding_of(file), errors="replace", newline="") as lines:
        told = (line.replace("\0", "") for line in lines)
        first = next(told, "")
        delimiter = max(",;\t", key=lambda sign: ({text, label} <= set(first.strip().split(sign)), first.count(sign)))
        table = csv.DictReader(itertools.chain([first], told), delimiter=delimiter)
        missing = {text, label} - set(table.fieldnames or ())
        if missing:
            columns = ", ".join(table.fieldnames or ()) or "none"
            raise ValueError(f"{file} has no column {', '.join(sorted(missing))}. Its columns are: {columns}.")
        for row in table:
            said = (row[label] or "").strip()
            answer = renamed.get(said, said).strip()
            if answer:
                yield Row(row[text] or "", answer, (row.get(language) or row.get("language") or "").strip())


def encoding_of(file: Path) -> str:
    """UTF-16 by its mark; UTF-8 where the whole file is; else Windows-1252, as spreadsheets in Western Europe save."""
    with (gzip.open if is_packed(file) else open)(file, "rb") as content:
        if content.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        content.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for part in iter(lambda: content.read(READ_BYTES), b""):
                decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def is_packed(file: Path) -> bool:
    """Whether a file is gzipped, by its first two bytes."""
    with file.open("rb") as content:
        return content.read(2) == b"\x1f\x8b"


def taught_by(workspace: str) -> tuple[Learnt, Charters | None]:
    """What a workspace taught and its organisation's charters; raises ValueError for an unknown one."""
    if not workspace:
        return AS_SHIPPED, None
    found = Workspace.objects.filter(slug=workspace).first()
    if found is None:
        known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise ValueError(f"There is no workspace {workspace!r}. The workspaces are: {known}.")
    learnt = learnt_of([found.pk], base=VERSION)[found.pk]
    return learnt, charters_of([found.organisation_id])[found.organisation_id]


def show(figures: Figures) -> None:
    """The figures for a person to read."""
    for name, figure in figures.items():
        if isinstance(figure, dict):
            typer.echo(f"{name}:")
            for key, value in figure.items():
                typer.echo(f"  {key}: {value}")
        else:
            typer.echo(f"{name}: {figure}")
