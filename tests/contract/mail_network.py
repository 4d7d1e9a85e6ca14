"""A mail server for connectors that speak IMAP and SMTP: the mails of `fixtures/mails.json` lie in its inbox, what is
sent to that inbox's own address arrives there, and it fails on request. Small on purpose: the real servers are asked in
tests/networks.
"""

from __future__ import annotations

import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.contract.network import HANG_SECONDS

REFUSED = {
    "401": "NO [AUTHENTICATIONFAILED] no",
    "403": "NO [AUTHORIZATIONFAILED] no",
    "429": "NO [LIMIT] too many",
    "500": "NO [UNAVAILABLE] not now",
}
DENIED = {"401": "", "403": "550 5.7.1 not allowed", "429": "452 4.7.0 too many messages"}


class MailNetwork:
    """One mailbox."""

    def __init__(self, mails: dict[str, Any]) -> None:
        self.own = mails["address"]
        self.mails: list[tuple[str, bytes]] = [
            (one["received_at"], one["source"].replace("\n", "\r\n").encode("latin-1")) for one in mails["inbox"]
        ]
        self.posts_count = 0
        self.fault = ""
        self.address = ""

    def fail(self, fault: str) -> None:
        """From now on, as `Network.fail` says."""
        self.fault = fault

    def take(self, recipients: list[str], source: bytes) -> None:
        """A mail that was sent: one post, and one more in the inbox if it goes there."""
        self.posts_count += 1
        if self.own in recipients:
            self.mails.append(("20-Nov-2026 12:00:05 +0000", source))


class Session(socketserver.StreamRequestHandler):
    """What both protocols share."""

    network: MailNetwork
    timeout = 20

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        try:
            self.converse()
        except (OSError, ValueError):
            return

    def converse(self) -> None:
        raise NotImplementedError


class Imap(Session):
    """RFC 3501, as much as is asked for."""

    def converse(self) -> None:
        self.say("* OK [CAPABILITY IMAP4rev1] ready")
        while line := self.rfile.readline().decode().strip():
            tag, _, rest = line.partition(" ")
            command, _, arguments = rest.partition(" ")
            if command.upper() == "LOGIN" and self.fault(tag):
                return
            getattr(self, f"on_{command.lower()}", self.on_other)(tag, arguments)
            if command.upper() == "LOGOUT":
                return

    def fault(self, tag: str) -> bool:
        fault = self.network.fault
        if fault in REFUSED:
            self.say(f"{tag} {REFUSED[fault]}")
        elif fault == "broken":
            self.say("%%% {{{ what")
        elif fault == "hang":
            time.sleep(HANG_SECONDS)
        return fault not in ("", *REFUSED)

    def on_capability(self, tag: str, _: str) -> None:
        self.say("* CAPABILITY IMAP4rev1")
        self.say(f"{tag} OK done")

    def on_select(self, tag: str, _: str) -> None:
        self.say(f"* {len(self.network.mails)} EXISTS")
        self.say("* OK [UIDVALIDITY 7] ok")
        self.say(f"* OK [UIDNEXT {len(self.network.mails) + 1}] ok")
        self.say(f"{tag} OK [READ-ONLY] done")

    on_examine = on_select

    def on_list(self, tag: str, _: str) -> None:
        self.say('* LIST () "/" INBOX')
        self.say(f"{tag} OK done")

    def on_uid(self, tag: str, arguments: str) -> None:
        command, _, rest = arguments.partition(" ")
        if command.upper() == "SEARCH":
            self.say("* SEARCH " + " ".join(str(uid) for uid in self.found(rest)))
        else:
            uids, _, parts = rest.partition(" ")
            for uid in (int(one) for one in uids.split(",")):
                self.give(uid, parts)
        self.say(f"{tag} OK done")

    def found(self, asked: str) -> list[int]:
        every = range(1, len(self.network.mails) + 1)
        if wanted := re.search(r"HEADER Message-ID \"?([^\s\"]+)", asked, re.IGNORECASE):
            return [uid for uid in every if f"<{wanted[1]}>".encode() in self.network.mails[uid - 1][1]]
        after = re.search(r"UID (\d+):\*", asked)
        return [uid for uid in every if not after or uid >= int(after[1])]

    def give(self, uid: int, parts: str) -> None:
        at, source = self.network.mails[uid - 1]
        head = f'* {uid} FETCH (UID {uid} RFC822.SIZE {len(source)} INTERNALDATE "{at}"'
        if "BODY" in parts.upper():
            self.wfile.write(f"{head} BODY[] {{{len(source)}}}\r\n".encode() + source + b")\r\n")
        else:
            self.say(f"{head})")

    def on_other(self, tag: str, _: str) -> None:
        self.say(f"{tag} OK done")


class Smtp(Session):
    """RFC 5321, as much as is asked for."""

    def converse(self) -> None:
        self.say("220 ready")
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            command = line.upper().partition(" ")[0]
            if command in ("EHLO", "HELO"):
                self.say("250-here")
                self.say("250 AUTH PLAIN")
            elif command == "AUTH":
                self.say("535 5.7.8 no" if self.network.fault == "401" else "235 ok")
            elif command == "RCPT" and DENIED.get(self.network.fault):
                self.say(DENIED[self.network.fault])
            elif command == "DATA":
                self.say("354 go on")
                if not self.take(recipients):
                    return
            else:
                recipients += re.findall(r"TO:<([^>]*)>", line, re.IGNORECASE)
                self.say("250 ok")

    def take(self, recipients: list[str]) -> bool:
        """Read the mail and say what became of it; False hangs up."""
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        fault = self.network.fault
        if fault in ("", "lost"):
            self.network.take(recipients, b"".join(lines))
        answers = {"": "250 taken", "500": "451 failed", "503": "421 failed", "broken": "%%% what"}
        if fault in answers:
            self.say(answers[fault])
        elif fault == "hang":
            time.sleep(HANG_SECONDS)
        return fault in answers


@contextmanager
def served_mail(mails: dict[str, Any]) -> Iterator[MailNetwork]:
    """Both servers on loopback; `address` is mail://host:imap:smtp."""
    network = MailNetwork(mails)
    with ExitStack() as stack:
        ports = [stack.enter_context(_served(_of(network, session))) for session in (Imap, Smtp)]
        network.address = f"mail://127.0.0.1:{ports[0]}:{ports[1]}"
        yield network


def _of(network: MailNetwork, session: type[Session]) -> type[Session]:
    return type(session.__name__, (session,), {"network": network})


@contextmanager
def _served(session: Callable[..., Any]) -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), session) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def reached(address: str) -> dict[str, Any]:
    """The settings with which a connector finds the servers at an address, as `MailNetwork` states it or a web one."""
    host, *ports = address.partition("://")[2].split(":")
    return {
        "imap_host": host,
        "imap_port": int(ports[0]),
        "imap_security": "none",
        "smtp_host": host,
        "smtp_port": int(ports[-1]),
        "smtp_security": "none",
        "allows_private": True,
    }
