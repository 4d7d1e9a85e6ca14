"""What every outgoing text is checked for, before anybody else sees it. Pure: a text in, findings out.

A finding says what was found, where, and what to do; it stops the text or warns the writer. To add a check, write a
function from `Text` to findings and put it in `CHECKS`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class Severity(StrEnum):
    """Whether a finding holds the text back."""

    STOP = "stop"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be sent, and whether the whole world will read it."""

    text: str
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `start` and `end` are positions in the text, for marking the words."""

    check: str
    severity: Severity
    what: str
    do: str
    start: int = 0
    end: int = 0

    @property
    def stops(self) -> bool:
        """Whether the text may not leave like this."""
        return self.severity is Severity.STOP


Check = Callable[[Text], Iterator[Finding]]

PLACEHOLDER = re.compile(r"\{\{[^{}]{0,80}\}\}|\{%[^{}]{0,80}%\}|<<[^<>]{1,80}>>")
BRACKETED = re.compile(r"\[(?:[A-Z][A-Z _-]{2,30}|(?:first |last |customer |your )?name|x{2,})\]", re.IGNORECASE)
CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
PASSWORD = re.compile(
    r"\b(?:password|passwort|mot de passe|contraseña|senha|wachtwoord|pin)\b\s*(?:is|ist|est|es|é|è|:|=)\s*\S{4,}",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w/#])\+?\d(?:[ ().-]{0,2}\d){8,14}(?!\w)")
LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
LINK_HIDERS = frozenset({"bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "cutt.ly", "rb.gy"})
DIRECTION_OVERRIDES = "\u202d\u202e"
CARD_DIGITS = range(13, 20)  # ISO/IEC 7812-1
LETTERS_FOR_SHOUTING = 20


def is_card_number(digits: str) -> bool:
    """Luhn's check over 13 to 19 digits (ISO/IEC 7812-1, annex B), and not one digit repeated."""
    if len(digits) not in CARD_DIGITS or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """The mod-97 check of ISO 13616 over the letters and digits, spaces removed."""
    packed = text.replace(" ", "")
    turned = packed[4:] + packed[:4]
    return 15 <= len(packed) <= 34 and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def emptiness(text: Text) -> Iterator[Finding]:
    """Nothing a reader could see."""
    if not any(unicodedata.category(letter)[0] not in "CZ" for letter in text.text):
        yield Finding("emptiness", Severity.STOP, "The reply is empty.", "Write something first.")


def placeholders(text: Text) -> Iterator[Finding]:
    """A macro's variable that nobody filled in."""
    for found in PLACEHOLDER.finditer(text.text):
        what = f"“{found[0]}” was never filled in."
        yield Finding("placeholders", Severity.STOP, what, "Replace it or take it out.", *found.span())
    for found in BRACKETED.finditer(text.text):
        what = f"“{found[0]}” looks like something still to be filled in."
        yield Finding("placeholders", Severity.WARN, what, "Check it.", *found.span())


def secrets(text: Text) -> Iterator[Finding]:
    """Card numbers, bank accounts and passwords: never in an answer, public or private."""
    for found in CARD.finditer(text.text):
        if is_card_number(re.sub(r"\D", "", found[0])):
            what = f"It contains a full card number (ending in {found[0][-4:]})."
            yield Finding("secrets", Severity.STOP, what, "Keep the last four digits at most.", *found.span())
    for found in IBAN.finditer(text.text):
        if is_iban(found[0]):
            what = f"It contains a full bank account number (ending in {found[0][-4:]})."
            yield Finding("secrets", Severity.STOP, what, "Keep the last four characters at most.", *found.span())
    for found in PASSWORD.finditer(text.text):
        what = "It seems to contain a password."
        yield Finding("secrets", Severity.STOP, what, "Never send one; send a link to set a new one.", *found.span())


def contact_details(text: Text) -> Iterator[Finding]:
    """Somebody's address or number, where everybody reads it."""
    if text.is_private:
        return
    for found in EMAIL.finditer(text.text):
        what = f"“{found[0]}” will be public."
        yield Finding("contact_details", Severity.WARN, what, "Leave it out if it is a customer's.", *found.span())
    for found in PHONE.finditer(text.text):
        if not is_card_number(re.sub(r"\D", "", found[0])):
            what = f"“{found[0]}” looks like a phone number and will be public."
            yield Finding("contact_details", Severity.WARN, what, "Leave it out if it is a customer's.", *found.span())


def links(text: Text) -> Iterator[Finding]:
    """Links that mislead or hide where they lead."""
    for found in LINK.finditer(text.text):
        try:
            parts = urlsplit(found[0])
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:
            host, parts = "", None
        if parts is None or not host:
            yield Finding("links", Severity.STOP, f"“{found[0]}” is not a working link.", "Correct it.", *found.span())
        elif parts.username is not None:
            what = f"“{found[0]}” hides its true address behind an @."
            yield Finding("links", Severity.STOP, what, "Use the plain address.", *found.span())
        elif host in LINK_HIDERS:
            what = f"“{found[0]}” does not show where it leads."
            yield Finding("links", Severity.WARN, what, "Use the full address.", *found.span())
        elif parts.scheme.lower() == "http":
            what = f"“{found[0]}” is not encrypted."
            yield Finding("links", Severity.WARN, what, "Use https:// where the site has it.", *found.span())


def invisible(text: Text) -> Iterator[Finding]:
    """Characters nobody sees that break the text on the way or turn it round."""
    for place, letter in enumerate(text.text):
        if letter in DIRECTION_OVERRIDES or (unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\r\t"):
            what = f"It contains an invisible control character (U+{ord(letter):04X})."
            yield Finding("invisible", Severity.STOP, what, "Delete it, or type the words again.", place, place + 1)


def shouting(text: Text) -> Iterator[Finding]:
    """Capitals throughout read as anger."""
    letters = [letter for letter in text.text if letter.isupper() or letter.islower()]
    if len(letters) >= LETTERS_FOR_SHOUTING and sum(letter.isupper() for letter in letters) > 0.7 * len(letters):
        yield Finding("shouting", Severity.WARN, "Most of it is in capitals.", "Write it in ordinary letters.")


CHECKS: tuple[Check, ...] = (emptiness, placeholders, secrets, contact_details, links, invisible, shouting)


def review(text: str, *, is_private: bool) -> list[Finding]:
    """Everything the checks find, what stops first."""
    found = [finding for check in CHECKS for finding in check(Text(text, is_private))]
    return sorted(found, key=lambda finding: (not finding.stops, finding.start))
