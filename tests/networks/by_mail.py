"""dovecot and Postfix, and a customer who writes to us."""

from __future__ import annotations

import email
import email.policy
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.networks.installed import installed
from tests.networks.mail_servers import MailServers, mail_servers
from tests.networks.place import Place

OURS, IDA = "care@shop.example", "ida@customer.example"
_numbers = itertools.count(1)


def letter(text: str, *, sender: str = IDA, subject: str = "", **fields: str) -> EmailMessage:
    """A mail to us with an id of its own."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OURS, subject or text[:40]
    mail["Message-ID"] = f"<{next(_numbers)}.{time.time_ns()}@customer.example>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def mails(servers: MailServers, address: str, *criteria: str) -> list[EmailMessage]:
    """What lies in somebody's inbox, as their own programme reads it."""
    with servers.mailbox(address) as box:
        found = box.fetch(box.search(list(criteria) or ["ALL"]), ["BODY.PEEK[]"])
    return [email.message_from_bytes(found[uid][b"BODY[]"], policy=email.policy.default) for uid in sorted(found)]


def mail_settings(servers: MailServers) -> dict[str, Any]:
    """What a person fills in to connect our address."""
    reached = {"imap_host": "127.0.0.1", "imap_port": servers.imap, "smtp_host": "127.0.0.1", "smtp_port": servers.smtp}
    unprotected = {"imap_security": "none", "smtp_security": "none", "allows_private": True}
    return {"address": OURS, "timeout_seconds": 10, "settle_seconds": 3} | reached | unprotected


@contextmanager
def mail(folder: Path, database_url: str) -> Iterator[Place]:
    """dovecot and Postfix; dovecot is stopped and started again, while Postfix keeps what customers write."""
    installed("mail")
    with mail_servers({OURS: "first", IDA: "ida"}) as servers:

        def answers(message_id: str) -> list[str]:
            servers.all_delivered()
            return [one.get_content() for one in mails(servers, IDA, "HEADER", "In-Reply-To", f"<{message_id}>")]

        def shows(text: str, picture: bytes, alt_text: str) -> str:
            mail = letter(text)
            mail.add_attachment(picture, "image", "png", filename=f"{alt_text}.png")
            return servers.send(mail, to=OURS)

        def change_password(password: str) -> dict[str, str]:
            servers.passwords[OURS] = password
            servers.know()
            return {"password": password}

        yield Place(
            slug="mail",
            filled_in=mail_settings(servers),
            secret={"password": "first"},
            says=lambda text: servers.send(letter(text), to=OURS),
            shows=shows,
            answers=answers,
            cut=servers.stop_dovecot,
            mend=servers.start_dovecot,
            revoke=lambda channel: change_password("unknown to us"),
            allow_again=lambda: change_password("second"),
            says_while_cut=True,
            deletes=None,
        )
