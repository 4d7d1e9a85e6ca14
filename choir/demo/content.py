"""The texts: threads that customers and colleagues wrote, read from `content/threads/`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from choir.demo.company import CONTENT


@dataclass(frozen=True)
class Turn:
    """One thing that happened in a thread. `who`: customer, agent, note, consult or handover."""

    who: str
    minutes: int  # after the thread began
    text: str
    department: str = ""  # who spoke, or was asked; of a hand-over, who got it
    giver: str = ""  # of a hand-over: who gave it away
    answer: str = ""  # of a consult


@dataclass(frozen=True)
class Thread:
    """One conversation as it was written, with what its writer thought of it."""

    key: str
    network: str
    kind: str
    language: str
    handle: str
    name: str
    followers: int
    topic: str
    objective: str
    department: str
    sentiment: str
    urgency: int
    stage: str
    needs_reply: bool
    stars: int | None
    end: str  # resolved, open, snoozed or noted
    turns: tuple[Turn, ...]

    @property
    def last_minutes(self) -> int:
        """When its last turn was, after it began."""
        return self.turns[-1].minutes

    @property
    def answered_by(self) -> str:
        """The department that works on it first; that of the thread when nobody has."""
        first = next((turn for turn in self.turns if turn.who == "agent"), None)
        return first.department if first else self.department


def threads() -> list[Thread]:
    """All of them, in the order of their keys."""
    return sorted(_read(), key=lambda thread: thread.key)


def _read() -> Iterator[Thread]:
    for path in sorted((CONTENT / "threads").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield _thread(json.loads(line))


def _thread(row: dict[str, Any]) -> Thread:
    return Thread(
        key=row["key"],
        network=row["network"],
        kind=row["kind"],
        language=row["language"],
        handle=row["customer"]["handle"],
        name=row["customer"]["name"],
        followers=row["customer"]["followers"],
        topic=row["topic"],
        objective=row["objective"],
        department=row["department"],
        sentiment=row["sentiment"],
        urgency=row["urgency"],
        stage=row["stage"],
        needs_reply=row["needs_reply"],
        stars=row.get("stars"),
        end=row["end"],
        turns=tuple(_turn(turn) for turn in row["turns"]),
    )


def _turn(row: dict[str, Any]) -> Turn:
    return Turn(
        who=row["who"],
        minutes=row["after_minutes"],
        text=row["text"],
        department=row.get("department") or row.get("to", ""),
        giver=row.get("from", ""),
        answer=row.get("answer", ""),
    )
