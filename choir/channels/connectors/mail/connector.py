"""E-mail: listens to an inbox (and to what was sent with other tools), answers exactly once.

SMTP has no idempotency key and does not tell afterwards what it took. So an answer goes, in one transaction, to the
customer and to ourselves: the server takes both or none. Its id is always the same; before a second attempt we look
whether our own copy has arrived. Providers that keep what they send themselves (Gmail, Microsoft) get no copy.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email.message import EmailMessage

from imapclient import IMAPClient

from choir.channels.connectors.mail import mapping
from choir.channels.connectors.mail.mailbox import Cursor, keep_sent, new_in, sent_folder, when_it_lies
from choir.channels.connectors.mail.reading import attachments, parse
from choir.channels.connectors.mail.server import Server, found_settings, imap, server, smtp, smtp_refusal
from choir.channels.connectors.mail.writing import answer
from choir.channels.contract import (
    Account,
    ConnectorError,
    Held,
    Item,
    Outgoing,
    Page,
    Raw,
    RejectedError,
    Removal,
    Sent,
    SignedIn,
    TemporaryError,
    UnreadableError,
    Wanted,
)

LONGEST_TEXT = 100_000
USUAL_DAYS = 30
SETTLE_SECONDS = 120.0  # how long our own copy may be on its way before it is certain that nothing was taken
IDLE_SECONDS = 8.0
IDLE_ANEW_SECONDS = 20 * 60.0  # servers end an IDLE of 30 minutes (RFC 2177)
KEEP_THEMSELVES = ("smtp.gmail.com", "smtp.office365.com", "smtp-mail.outlook.com")


class Connector:
    """One address."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._address = str(account.settings.get("address") or account.handle).strip().lower()
        self._folder = str(account.settings.get("folder") or "INBOX")

    def __repr__(self) -> str:
        return f"mail.Connector({self._account.handle})"

    def items(self, raw: Raw) -> Sequence[Item | Removal]:
        """What a mail says."""
        return mapping.items_of(raw, address=self._address)

    def content_of(self, raw: Raw, place: int) -> Held:
        """An attachment of a mail, by its place among the media of its item."""
        found = attachments(parse(mapping.source_of(raw)))
        if not 0 <= place < len(found):
            raise UnreadableError("The mail has no such attachment.")
        return Held(content=found[place].content(), media_type=found[place].kind, name=found[place].name)

    def sign_in(self) -> SignedIn:
        """Try both servers, and find the folder of sent mail."""
        at, through = self._imap(), self._smtp()
        with imap(at) as client:
            client.select_folder(self._folder, readonly=True)
            sent = sent_folder(client, str(self._account.settings.get("sent_folder") or ""))
        with smtp(through):
            pass
        return SignedIn(
            external_id=self._address,
            handle=self._address,
            name=str(self._account.settings.get("name") or self._address),
            settings=dict(found_settings(at, through)) | {"sent_folder": sent},
        )

    def fetch(self, cursor: str, *, limit: int) -> Page:
        """New mail of the inbox, and what was sent with other tools."""
        with imap(self._imap()) as client:
            return self._new(client, Cursor.read(cursor), limit)

    def listen(self, cursor: str, *, wanted: Wanted) -> Iterator[Page]:
        """New mail as the server announces it (IDLE, RFC 2177)."""
        place = Cursor.read(cursor)
        with imap(self._imap()) as client:
            if not client.has_capability("IDLE"):
                raise RejectedError("This mail server does not announce new mail. It is fetched every minute instead.")
            while True:
                page = self._new(client, place, limit=50)
                yield page
                place = Cursor.read(page.cursor)
                if not page.has_more:
                    yield from self._idle(client, page.cursor)

    def _idle(self, client: IMAPClient, cursor: str) -> Iterator[Page]:
        """Empty pages until the server announces something, or it is time to begin anew."""
        selected, read = client.select_folder(self._folder, readonly=True), Cursor.read(cursor).inbox
        if int(selected[b"UIDVALIDITY"]) != read.validity or int(selected.get(b"UIDNEXT", 0)) > read.uid + 1:
            return  # it came while the other folder was looked through, and is announced no more
        client.idle()
        end = time.monotonic() + IDLE_ANEW_SECONDS
        try:
            while time.monotonic() < end:
                if any(one[1] == b"EXISTS" for one in client.idle_check(timeout=IDLE_SECONDS) if len(one) > 1):
                    return
                yield Page((), cursor, has_more=False)
        finally:
            with suppress(Exception):
                client.idle_done()

    def _new(self, client: IMAPClient, at: Cursor, limit: int) -> Page:
        since = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=self._days())
        raws, more = new_in(client, self._folder, at.inbox, since=since, limit=limit, kind="inbox")
        sent = sent_folder(client, str(self._account.settings.get("sent_folder") or ""))
        if sent and len(raws) < limit:
            ours, more_of_ours = new_in(client, sent, at.sent, since=since, limit=limit - len(raws), kind="sent")
            raws, more = [*raws, *ours], more or more_of_ours
        elif sent:
            more = True
        return Page(tuple(raws), at.written(), has_more=more)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Send. An over-long text, nobody to answer, or a machine, is refused before anything is sent."""
        if len(outgoing.text) > LONGEST_TEXT:
            raise RejectedError(f"The answer has {len(outgoing.text)} characters; {LONGEST_TEXT} are sent at most.")
        at = dt.datetime.now(dt.UTC)
        try:
            answered = parse(mapping.source_of(outgoing.answered)) if outgoing.answered else None
        except UnreadableError:
            answered = None
        name = str(self._account.settings.get("name") or "")
        mail, to = answer(outgoing, address=self._address, name=name, answered=answered, at=at)
        through = self._smtp()
        with smtp(through) as client:
            _send(client, through, mail, sender=self._address, to=to, copy=self._copy(through))
        self._keep(mail)
        return Sent(external_id=mapping.own_id(outgoing.key, self._address), sent_at=at)

    def _copy(self, through: Server) -> str:
        return "" if through.host in KEEP_THEMSELVES else self._address

    def _keep(self, mail: EmailMessage) -> None:
        """A copy among the sent mail; the answer is out whether that works or not."""
        if self._smtp().host in KEEP_THEMSELVES:
            return
        with suppress(ConnectorError), imap(self._imap()) as client:
            if folder := sent_folder(client, str(self._account.settings.get("sent_folder") or "")):
                keep_sent(client, folder, mail.as_bytes())

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        """Our own copy, in the inbox or among the sent mail."""
        message_id = mapping.own_id(outgoing.key, self._address)
        began = outgoing.attempted_at or dt.datetime.now(dt.UTC)
        since = began.date() - dt.timedelta(days=1)
        with imap(self._imap()) as client:
            sent = sent_folder(client, str(self._account.settings.get("sent_folder") or ""))
            for folder in dict.fromkeys([self._folder, sent]):
                at = when_it_lies(client, folder, message_id, since=since) if folder else None
                if at is not None:
                    return Sent(external_id=message_id, sent_at=max(at, began))
        wait = float(self._account.settings.get("settle_seconds", SETTLE_SECONDS))
        if (dt.datetime.now(dt.UTC) - began).total_seconds() < wait:
            raise TemporaryError("Our copy of the answer may still be on its way.")
        return None

    def _days(self) -> int:
        stated = str(self._account.settings.get("days") or "")
        return int(stated) if stated.isdigit() and len(stated) < 5 else USUAL_DAYS

    def _imap(self) -> Server:
        return server("imap", self._account)

    def _smtp(self) -> Server:
        return server("smtp", self._account)


def _send(client: smtplib.SMTP, at: Server, mail: EmailMessage, *, sender: str, to: str, copy: str) -> None:
    """One SMTP transaction (RFC 5321 §3.3). Until the mail's last byte is out, nothing can have happened."""
    try:
        options = ["smtputf8"] if not f"{sender}{to}".isascii() and client.has_extn("smtputf8") else []
        _accepted(at, client.mail(sender, options))
        _accepted(at, client.rcpt(to))
        if copy and copy != to:
            client.rcpt(copy)  # refused: the answer goes out all the same, and is looked for among the sent mail
        wired = mail.as_bytes()
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryError(
            f"{at.host} hung up before it took the mail ({type(error).__name__}).",
            may_have_happened=False,
        ) from None
    try:
        code, said = client.data(wired)
    except smtplib.SMTPDataError as error:
        raise smtp_refusal(at, error.smtp_code, error.smtp_error) from None
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryError(
            f"{at.host} did not say whether it took the mail ({type(error).__name__}); it is looked for first."
        ) from None
    if code // 100 != 2:
        raise smtp_refusal(at, code, said, may_have_happened=True)


def _accepted(at: Server, answered: tuple[int, bytes]) -> None:
    code, said = answered
    if code // 100 != 2:
        raise smtp_refusal(at, code, said)
