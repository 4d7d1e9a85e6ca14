"""How well spam of a source that nothing was learnt from is told, and how many customers' posts are taken for spam.

    python training/left_out.py --data DIR [--cache DIR]

For each spam collection in turn the spam head is fitted as train.py fits it, without that collection, and then reads
it. Recall is of spam; false alarms are of what is none. Then the weights that ship read posts to companies, which
nobody labelled as spam: how many the spam head is sure of, and how many are called spam once the intent was asked, too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from fit import Rows
from sources import PUBLIC, Example, rows, spam, threads, written
from train import BOTH, LABELS, NARROWNESS, OURS, features, fit_field, fit_near, rounded

from choir.triage.cues import Cues
from choir.triage.encoder import Encoder
from choir.triage.heads import nearness
from choir.triage.reader import SURE_SPAM, Text, reader

ORDER = LABELS["spam"]


def main(
    data: Annotated[Path, typer.Option(help="Folder of the public data sets.")],
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps encoded texts between runs.")] = None,
) -> None:
    """Print both measurements."""
    examples = written() + threads() + [example for source in PUBLIC for example in source(data)]
    read = features([example.text for example in examples], Encoder(), Cues(), cache)
    near = [at for at, example in enumerate(examples) if example.source in OURS and "spam" in example.labels]
    points, scale = rounded(read[near])
    says, level = fit_near("spam", ORDER, [examples[at] for at in near], points * scale)
    for source in dict.fromkeys(example.source for example in spam(data)):
        kept = [at for at, example in enumerate(examples) if example.source != source]
        weight, bias = fit_field("spam", ORDER, [examples[at] for at in kept], read[kept])
        left = [at for at, example in enumerate(examples) if example.source == source]
        told = read[left] @ weight + bias
        told += BOTH["spam"] * (nearness(read[left], points * scale, NARROWNESS) @ says + level)
        say_how_well(source, [examples[at] for at in left], told)
    for name, texts in posts_to_companies(data):
        say_false_alarms(name, texts)


def say_how_well(source: str, left: list[Example], scores: Rows) -> None:
    """Share right, recall of spam, and false alarms among what is none."""
    said = [ORDER[at] for at in scores.argmax(axis=1)]
    pairs = [(example.labels["spam"], answer) for example, answer in zip(left, said, strict=True)]
    right = sum(true == answer for true, answer in pairs) / len(pairs)
    found, alarms = (
        sum(true == label and answer == "yes" for true, answer in pairs) / sum(true == label for true, _ in pairs)
        for label in ("yes", "no")
    )
    typer.echo(f"{source} left out: {right:.1%} of {len(pairs)} right, recall {found:.1%}, false alarms {alarms:.1%}")


def posts_to_companies(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Posts to airlines, and what customers of 25 brands began with."""
    yield "posts to airlines", [row["text"] for row in rows(folder / "airline-smoke" / "posts.csv.gz")]
    turns = rows(folder / "care-threads" / "threads.csv.gz")
    yield "first posts to 25 brands", [row["text"] for row in turns if row["turn"] == "1"]


def say_false_alarms(name: str, texts: list[str]) -> None:
    """How many are taken for spam by the weights that ship."""
    _, shares = reader().shares(texts)
    sure = int((shares["spam"][:, ORDER.index("yes")] >= SURE_SPAM).sum())
    called = sum(one.intent.value == "spam" for one in reader().read([Text(text) for text in texts]))
    typer.echo(f"{name}: of {len(texts)} the spam head is sure of {sure}, {called} are called spam")


if __name__ == "__main__":
    typer.run(main)
