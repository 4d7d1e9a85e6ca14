"""Counts which words the written texts of each language use, for telling languages apart.

    python training/words.py

writes choir/triage/words_by_language.txt. Names and numbers are no words here: only what three texts or more use.
"""

import json
from collections import Counter
from pathlib import Path

import typer
from sources import WRITTEN

from choir.triage.language import COUNTED, WORD_COUNTS, words_of

FEWEST = 3  # texts that use a word


def main(out: Path = WORD_COUNTS) -> None:
    """One line a word: in how many texts of each language it stands; the first line counts the texts."""
    texts: Counter[str] = Counter()
    used: dict[str, Counter[str]] = {code: Counter() for code in COUNTED}
    for path in sorted(WRITTEN.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            if (code := told["language"]) in used:
                texts[code] += 1
                used[code].update(set(words_of(told["text"])))
    known = sorted({word for counts in used.values() for word in counts})
    rows = [("texts", [texts[code] for code in COUNTED])]
    rows += [(word, [used[code][word] for code in COUNTED]) for word in known]
    kept = [row for row in rows if sum(row[1]) >= FEWEST]
    out.write_text("".join(f"{word} {' '.join(map(str, counts))}\n" for word, counts in kept), encoding="utf-8")
    typer.echo(f"Wrote {len(kept) - 1} words to {out}.")


if __name__ == "__main__":
    typer.run(main)
