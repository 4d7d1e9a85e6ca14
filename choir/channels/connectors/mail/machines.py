"""What was written by a machine, so that no machine is ever answered by another: auto-replies, bounces, lists. Pure.

RFC 3834 (automatic responses), RFC 3464 (delivery status), RFC 2076 and custom (Precedence), RFC 2369 and 2919 (lists),
and what widespread programmes state instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from choir.channels.connectors.mail.headers import decode, fields, first, ids, words

NOBODY = re.compile(
    r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|auto-?reply|listserv|majordomo)([+-].*)?@",
    re.IGNORECASE,
)
TO_MANY = frozenset({"bulk", "junk", "list", "auto_reply"})
AUTOREPLY_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail of ours that did not arrive: its id, whom it was for, and what their server said."""

    message_id: str
    recipient: str
    reason: str
    is_final: bool


def why_automatic(message: Message) -> str:
    """Why this mail is taken to be a machine's, as the end of a sentence; "" when a person seems to have written it."""
    stated = fields(message)
    submitted = first(stated, "auto-submitted").partition(";")[0].strip().lower()
    precedence = first(stated, "precedence").lower()
    signs = (
        (submitted not in ("", "no"), f"it says so itself (Auto-Submitted: {submitted[:40]})"),
        (first(stated, "return-path") == "<>", "it has no sender to return to, as bounces and automatic replies have"),
        (message.get_content_type() == "multipart/report", "it is a report of a mail server"),
        (any(name in stated for name in AUTOREPLY_FIELDS), "it says that it is an automatic reply"),
        (precedence in TO_MANY, f"it was sent to many (Precedence: {precedence})"),
        ("list-id" in stated or "list-unsubscribe" in stated, "it was sent to a list"),
        (NOBODY.match(_sender(stated)) is not None, "its sender says that nobody reads there"),
    )
    return next((because for is_so, because in signs if is_so), "")


def _sender(stated: dict[str, list[str]]) -> str:
    found = re.search(r"[^<>\s]+@[^<>\s]+", first(stated, "reply-to") or first(stated, "from"))
    return found[0] if found else ""


def bounce_of(message: Message) -> Bounce | None:
    """Which mail of ours could not be delivered; None for anything else (RFC 3464; the original's headers or the whole
    of it come with the report)."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    status, original = "", ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status += "\n".join(str(one) for one in part.get_payload()) if part.is_multipart() else _text(part)
        elif kind in ("message/rfc822", "message/global"):
            inner = part.get_payload()
            inside = inner[0] if isinstance(inner, list) and inner else None
            original = original or (first(fields(inside), "message-id") if isinstance(inside, Message) else "")
        elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            found = re.search(r"^Message-ID:\s*(<[^>]+>)", _text(part), re.IGNORECASE | re.MULTILINE)
            original = original or (found[1] if found else "")
    known = ids(original)
    if not status or not known:
        return None
    return Bounce(
        message_id=known[0],
        recipient=_stated(status, "Original-Recipient") or _stated(status, "Final-Recipient"),
        reason=_stated(status, "Diagnostic-Code") or _stated(status, "Status"),
        is_final=_stated(status, "Action").lower() in ("failed", ""),
    )


def _stated(status: str, name: str) -> str:
    """A field of a delivery status, without its type (“rfc822;”, “smtp;”)."""
    found = re.search(rf"^{name}:[ \t]*(.*(?:\n[ \t]+.*)*)", status, re.IGNORECASE | re.MULTILINE)
    if not found:
        return ""
    value = words(" ".join(found[1].split()))
    return re.sub(r"^[\w-]+;\s*", "", value)[:500]


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return decode(content, part.get_content_charset() or "") if isinstance(content, bytes) else str(part.get_payload())
