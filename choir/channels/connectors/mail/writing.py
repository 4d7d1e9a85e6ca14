"""An answer as a mail, the same on every attempt. Pure but for the time it states.

Python's `EmailMessage` folds and encodes; it refuses a line break in a header field, and nothing reaches one here that
was not cleaned before.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP

from choir.channels.connectors.mail.headers import CONTROL, addresses, fields, first, ids, is_address, words
from choir.channels.connectors.mail.machines import why_automatic
from choir.channels.connectors.mail.mapping import own_id
from choir.channels.contract import Outgoing, RejectedError

MOST_REFERENCES = 20
ANSWER_MARK = re.compile(
    r"^\s*(?:(?:re|aw|sv|vs|antw|odp|r|rif|ynt|回复|答复|转发)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
LONGEST_SUBJECT = 200
LONGEST_ATTACHMENTS = 20 * 1024 * 1024


def answer(
    outgoing: Outgoing, *, address: str, name: str, answered: Message | None, at: dt.datetime
) -> tuple[EmailMessage, str]:
    """(the mail, whom it goes to). Raises RejectedError where nobody can be answered, or only a machine."""
    to_name, to = _recipient(outgoing, answered, own=address)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(name, address)
    message["To"] = _address(to_name, to)
    message["Subject"] = _subject(answered)
    message["Date"] = email.utils.format_datetime(at)
    message["Message-ID"] = f"<{own_id(outgoing.key, address)}>"
    for field, stated in _thread(outgoing, answered):
        message[field] = stated
    message.set_content(outgoing.text.replace("\r\n", "\n").replace("\r", "\n"), charset="utf-8")
    _attach(message, outgoing)
    return message, to


def _recipient(outgoing: Outgoing, answered: Message | None, *, own: str) -> tuple[str, str]:
    name = outgoing.recipient.name if outgoing.recipient else ""
    to = outgoing.recipient.external_id if outgoing.recipient else ""
    if answered is not None:
        if because := why_automatic(answered):
            raise RejectedError(
                f"This mail was written by a machine: {because}. Machines are not answered, or two would never stop."
            )
        stated = fields(answered)
        found = addresses(*stated.get("reply-to", []), *stated.get("from", []))
        if not to and found:
            name, to = found[0]
    if not is_address(to):
        raise RejectedError("The mail names nobody who could be answered. Write to them another way, and note it.")
    if to == own.lower():
        raise RejectedError("The mail comes from this very address; answering it would write to ourselves.")
    return name, to


def _address(name: str, address: str) -> Address | str:
    plain = CONTROL.sub(" ", name).strip()[:100]
    local, _, domain = address.rpartition("@")
    if not address.isascii():
        return email.utils.formataddr((plain, address))
    return Address(display_name=plain, username=local, domain=domain)


def _subject(answered: Message | None) -> str:
    title = words(first(fields(answered), "subject")) if answered is not None else ""
    title = ANSWER_MARK.sub("", title).strip()[:LONGEST_SUBJECT]
    return f"Re: {title}" if title else "Re: your message"


def _thread(outgoing: Outgoing, answered: Message | None) -> list[tuple[str, str]]:
    """In-Reply-To and References (RFC 5322 §3.6.4): the thread's beginning, its last so many, and what is answered."""
    parent = outgoing.in_reply_to if ids(f"<{outgoing.in_reply_to}>") == [outgoing.in_reply_to] else ""
    if not parent or parent.startswith("digest-"):
        return []
    stated = fields(answered) if answered is not None else {}
    before = ids(" ".join(stated.get("references", []))) or ids(first(stated, "in-reply-to"))
    chain = [one for one in before if one != parent and one.isascii()]
    if len(chain) > MOST_REFERENCES:
        chain = [chain[0], *chain[-MOST_REFERENCES + 1 :]]
    return [("In-Reply-To", f"<{parent}>"), ("References", " ".join(f"<{one}>" for one in [*chain, parent]))]


def _attach(message: EmailMessage, outgoing: Outgoing) -> None:
    if sum(len(one.content) for one in outgoing.media) > LONGEST_ATTACHMENTS:
        raise RejectedError("The attachments have more than 20 MB together; mail servers refuse that. Send a link.")
    for one in outgoing.media:
        main, _, sub = one.media_type.partition("/")
        name = CONTROL.sub(" ", one.name).strip() or "attachment"
        described = [f"Content-Description: {CONTROL.sub(' ', one.alt_text)[:500]}"] if one.alt_text else []
        message.add_attachment(
            one.content,
            maintype=main or "application",
            subtype=sub or "octet-stream",
            filename=name,
            headers=described,
        )
