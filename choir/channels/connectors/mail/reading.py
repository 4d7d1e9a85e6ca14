"""A mail read: its words without what they quote, what they quote, and its attachments. Pure.

The mail is parsed by Python's tolerant parser; nothing in it is trusted to be well made.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from mailparser_reply import EmailReplyParser

from choir.channels.connectors.mail.headers import decode, words
from choir.readable import text_of_html, tidied

LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "cs", "ja", "ko", "zh", "he", "ro"]
LONGEST_TEXT = 100_000
LONGEST_TRIMMED = 40_000  # beyond it, looking for quotes by pattern takes too long; lines that begin with > still count
MOST_PARTS = 200
UNNAMED = {"message/rfc822": "forwarded.eml", "text/calendar": "invitation.ics"}
FLOWED_QUOTE = re.compile(r"^>")


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment: its place among the mail's parts, its name, its kind, and its content when asked for."""

    place: int
    name: str
    kind: str
    message: Message

    def content(self) -> bytes:
        """The bytes of it; those of a forwarded mail are the mail."""
        if self.kind == "message/rfc822":
            inner = self.message.get_payload()
            inside = inner[0] if isinstance(inner, list) and inner else None
            return inside.as_bytes() if isinstance(inside, Message) else b""
        content = self.message.get_payload(decode=True)
        return content if isinstance(content, bytes) else b""


def parse(source: bytes) -> Message:
    """The mail as a tree of parts."""
    return email.message_from_bytes(source, policy=email.policy.compat32)


def texts(message: Message) -> tuple[str, str]:
    """(what is said, what it quotes). Plain text is preferred; HTML is read as text where there is nothing else."""
    plain = [_plain(part) for part in _bodies(message, "text/plain")]
    whole = tidied("\n\n".join(one for one in plain if one.strip()))
    if not whole:
        whole = tidied("\n\n".join(text_of_html(_text(part)) for part in _bodies(message, "text/html")))
    whole = whole[:LONGEST_TEXT]
    said = _without_quotes(whole)
    return said, whole[len(said) :].strip() if whole.startswith(said) else (whole if said != whole else "")


def attachments(message: Message) -> list[Part]:
    """Everything that is no body of the mail, in its order."""
    found = []
    for place, part in enumerate(_parts(message)):
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            continue
        kind = part.get_content_type()
        if _is_body(part) or (kind.startswith("message/") and kind != "message/rfc822"):
            continue
        name = words(part.get_filename() or "") or UNNAMED.get(kind, "attachment")
        found.append(Part(place, name[:200], kind, part))
    return found


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a mail, not those of mails forwarded in it."""
    waiting, count = [message], 0
    while waiting and count < MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        inner = part.get_payload()
        if part.is_multipart() and isinstance(inner, list) and part.get_content_type() != "message/rfc822":
            waiting[:0] = [one for one in inner if isinstance(one, Message)]


def _is_body(part: Message) -> bool:
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return is_text and part.get_content_disposition() != "attachment" and not part.get_filename()


def _bodies(message: Message, kind: str) -> list[Message]:
    if message.get_content_type() == "multipart/report":  # what follows the first part is for machines
        return [part for part in _parts(message) if part.get_content_type() == kind and _is_body(part)][:1]
    return [part for part in _parts(message) if part.get_content_type() == kind and _is_body(part)]


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return decode(content, str(part.get_param("charset") or "")).replace("\r\n", "\n")


def _plain(part: Message) -> str:
    """Plain text; where it says so, lines that were broken for transport are joined again (RFC 3676)."""
    text = _text(part)
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    joined: list[str] = []
    flows = False
    for line in text.split("\n"):
        plain = line.removeprefix(" ") if not line.startswith(" >") else line[1:]
        if flows and not FLOWED_QUOTE.match(plain):
            joined[-1] += plain
        else:
            joined.append(plain)
        flows = plain.endswith(" ") and plain != "-- " and not FLOWED_QUOTE.match(plain)
    return "\n".join(joined)


def _without_quotes(text: str) -> str:
    """The reply alone; the whole where that would leave nothing."""
    if len(text) > LONGEST_TRIMMED:
        lines = text.split("\n")
        return "\n".join(lines[: next((n for n, line in enumerate(lines) if line.startswith(">")), len(lines))]).strip()
    try:
        said = EmailReplyParser(languages=LANGUAGES).parse_reply(text) or ""
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return text
    return said.strip() or text
