"""Who says what: people sign their texts, and whoever does not is the colleague who was there before."""

from __future__ import annotations

import re
from functools import cache

from choir.demo.company import Company
from choir.demo.content import Thread, Turn

SIGNATURE = 70  # a text's last characters, where people sign
AFTER_SIGNATURE = 12
GREETING = 160  # its first, where some say who they are


def authors(thread: Thread, company: Company) -> list[str]:
    """For each turn the colleague's name; "" for the customer's turns."""
    names: list[str] = []
    last: dict[str, str] = {}
    for turn in thread.turns:
        name = "" if turn.who == "customer" else _author(turn, thread, company, last)
        if turn.who in ("agent", "note") and name:
            last[turn.department] = name
        names.append(name)
    return names


def _author(turn: Turn, thread: Thread, company: Company, last: dict[str, str]) -> str:
    if turn.who == "agent":
        signed = signer(turn.text, turn.department, company)
        if signed:
            return signed
    if turn.who == "handover":
        return last.get(turn.giver) or speaker(company, turn.giver, thread.language, thread.key)
    if turn.who == "consult":  # asked by whoever has the thread: decided when it happens
        return ""
    return last.get(turn.department) or speaker(company, turn.department, thread.language, thread.key)


def signer(text: str, department: str, company: Company) -> str:
    """Who signed a text, "" when nobody did. A colleague of another department counts only at the very end."""
    for part, is_end in ((text[-SIGNATURE:], True), (text[:GREETING], False)):
        found = []
        for name, line in company.roster.items():
            ends = [match.end() for sign in line.get("signs", [name]) for match in _sign(sign).finditer(part)]
            is_colleague = department in company.departments_of(name)
            if ends and (is_colleague or (is_end and len(part) - max(ends) <= AFTER_SIGNATURE)):
                found.append((is_colleague, max(ends), name))
        if found:
            return max(found)[2]
    return ""


@cache
def _sign(sign: str) -> re.Pattern[str]:
    """A name as a word of its own; “for …” is somebody else's signature."""
    return re.compile(rf"(?<!\w)(?<!\bfor )(?<!\bpour ){re.escape(sign)}(?!\w)")


def speaker(company: Company, department: str, language: str, key: str) -> str:
    """Somebody who answers for the department in the language, always the same for one thread."""
    names = company.speakers(department, language) or company.speakers(department, "en")
    return names[sum(key.encode()) % min(len(names), 3)]
