"""A network as the suite uses it: our account, a customer, and somebody else who reads what came of it."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import html
import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from mastodon import Mastodon

from choir.channels import registry
from choir.channels.contract import Authorizes, SignsIn
from choir.channels.models import Channel, ChannelState
from tests.networks.conftest import installed
from tests.networks.mail_servers import MailServers, mail_servers
from tests.networks.servers import Line, MastodonMock, at_network

POSTS = "app.bsky.feed.post"


@dataclass
class Place:
    """`says` posts as the customer, to us, and `shows` with a picture and its description; `mutters` posts to nobody,
    where everything said on the network can be listened to; `whispers` says it to us alone, under a warning, and gives
    how the answers to it were sent: to whom, and under which warning. `answers` are the texts that the second account
    reads under a post."""

    slug: str
    filled_in: dict[str, Any]
    secret: dict[str, str]
    says: Callable[[str], str]
    shows: Callable[[str, bytes, str], str]
    answers: Callable[[str], list[str]]
    cut: Callable[[], None]
    mend: Callable[[], None]
    revoke: Callable[[Channel], object]
    allow_again: Callable[[], dict[str, str]]
    says_while_cut: bool
    deletes: Callable[[str], None] | None
    settings: dict[str, Any] = field(default_factory=dict)
    mutters: Callable[[str], str] | None = None
    whispers: Callable[[str, str], tuple[str, Callable[[], list[tuple[str, str]]]]] | None = None

    def connect(self, channel: Channel) -> None:
        """Sign in as the connect page would, and keep what it found."""
        connector: object = registry.unconnected(self.slug, settings=self.filled_in, secret=self.secret)
        assert isinstance(connector, SignsIn)
        found = connector.sign_in()
        channel.connector, channel.network = self.slug, self.slug.title()
        channel.external_id, channel.handle = found.external_id, found.handle
        channel.settings = self.filled_in | dict(found.settings) | self.settings
        channel.seal_secret(self.secret | dict(found.secret))
        channel.state, channel.failure, channel.state_because = ChannelState.CONNECTED, "", ""
        channel.save()


@contextmanager
def mastodon(folder: Path, database_url: str) -> Iterator[Place]:
    """mastodon-mock, which is killed and started again with its rows."""
    server = MastodonMock(installed("mastodon-mock"), folder, ["acme", "ana", "bert"])
    address = server.address

    def client(token: str) -> Mastodon:
        return Mastodon(api_base_url=address, access_token=token, request_timeout=20)

    def answers(status_id: str) -> list[str]:
        below = client("token-bert").status_context(status_id).descendants
        return [_plain(one.content) for one in below if str(one.in_reply_to_id) == status_id]

    def shows(text: str, picture: bytes, alt_text: str) -> str:
        ana = client("token-ana")
        media = ana.media_post(picture, "image/png", description=alt_text)
        return str(ana.status_post(f"@acme {text}", media_ids=[media.id]).id)

    def whispers(text: str, warning: str) -> tuple[str, Callable[[], list[tuple[str, str]]]]:
        ana = client("token-ana")
        said = ana.status_post(f"@acme {text}", visibility="direct", spoiler_text=warning)

        def sent() -> list[tuple[str, str]]:
            return [(one.visibility, one.spoiler_text) for one in ana.status_context(said.id).descendants]

        return str(said.id), sent

    def revoke(channel: Channel) -> None:
        httpx.post(f"{address}/oauth/revoke", data={"token": place.secret["access_token"]}).raise_for_status()

    def allow_again() -> dict[str, str]:
        """A person is sent to the server, says yes, and comes back: the code flow; the token is another one."""
        connector: object = registry.unconnected("mastodon", settings=place.filled_in, secret={})
        assert isinstance(connector, Authorizes)
        back = "http://127.0.0.1:9/back"
        sent = connector.authorize(redirect_to=back, state="s3")
        form = dict(parse_qsl(urlsplit(sent.url).query)) | {"username": "acme"}
        came = httpx.post(f"{address}/oauth/authorize", data=form)
        brought = dict(parse_qsl(urlsplit(came.headers["location"]).query))
        assert brought["state"] == "s3"
        return dict(connector.redeem(brought["code"], redirect_to=back, kept=sent.kept).secret)

    place = Place(
        slug="mastodon",
        filled_in={"address": address, "timeout_seconds": 10},
        secret={"access_token": "token-acme"},
        says=lambda text: str(client("token-ana").status_post(f"@acme {text}").id),
        shows=shows,
        whispers=whispers,
        answers=answers,
        cut=server.stop,
        mend=server.start,
        revoke=revoke,
        allow_again=allow_again,
        says_while_cut=False,
        deletes=lambda status_id: client("token-ana").status_delete(status_id) and None,
    )
    try:
        yield place
    finally:
        server.stop()


def _plain(content: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", content))


class XRPC:
    """An account of the AT network, spoken to without any of our code."""

    def __init__(self, pds: str, name: str) -> None:
        self.pds, self.handle = pds, f"{name}.test"
        made = self.ask(
            "com.atproto.server.createAccount",
            {"handle": self.handle, "email": f"{name}@mail.test", "password": f"password-{name}"},
        )
        self.did, self.token = str(made["did"]), str(made["accessJwt"])

    def ask(self, method: str, said: dict[str, Any] | None = None, **query: Any) -> dict[str, Any]:
        """One call."""
        headers = {"authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
        url = f"{self.pds}/xrpc/{method}"
        if said is None:
            answer = httpx.get(url, params=query, headers=headers, timeout=30)
        else:
            answer = httpx.post(url, json=said, headers=headers, timeout=30)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def picture(self, content: bytes, alt_text: str) -> dict[str, Any]:
        """Store a picture; what a post names it by."""
        headers = {"authorization": f"Bearer {self.token}", "content-type": "image/png"}
        answer = httpx.post(
            f"{self.pds}/xrpc/com.atproto.repo.uploadBlob", content=content, headers=headers, timeout=30
        ).raise_for_status()
        return {"$type": "app.bsky.embed.images", "images": [{"alt": alt_text, "image": answer.json()["blob"]}]}

    def post(self, to: XRPC | None, text: str, embed: dict[str, Any] | None = None) -> str:
        """Say something to somebody, or to nobody."""
        record: dict[str, Any] = {
            "$type": POSTS,
            "text": f"@{to.handle} {text}" if to else text,
            "createdAt": dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z"),
        } | ({"embed": embed} if embed else {})
        if to is not None:
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": to.did}
            place = {"byteStart": 0, "byteEnd": len(to.handle) + 1}
            record["facets"] = [{"index": place, "features": [feature]}]
        made = self.ask("com.atproto.repo.createRecord", {"repo": self.did, "collection": POSTS, "record": record})
        return str(made["uri"])


@contextmanager
def bluesky(folder: Path, database_url: str) -> Iterator[Place]:
    """The AT network; our account is reached over a line that can be cut, for the network lives in memory."""
    with at_network(installed("bluesky"), folder, database_url) as addresses:
        pds = addresses["pds"]
        acme, ana, bert = (XRPC(pds, name) for name in ("choir-company", "choir-customer", "choir-reader"))
        line = Line(int(pds.rpartition(":")[2]))
        made = iter(range(100))

        def app_password() -> str:
            name = f"choir-{next(made)}"
            return str(acme.ask("com.atproto.server.createAppPassword", {"name": name})["password"])

        def answers(uri: str) -> list[str]:
            end = time.monotonic() + 60
            while time.monotonic() < end:  # the AppView follows the stream
                thread = bert.ask("app.bsky.feed.getPostThread", uri=uri, depth=1)["thread"]
                if replies := [one["post"]["record"]["text"] for one in thread.get("replies", [])]:
                    return replies
                time.sleep(0.3)
            return []

        def revoke(channel: Channel) -> None:
            """The app password is withdrawn, and the session's access token, which would live two hours, is over."""
            acme.ask("com.atproto.server.revokeAppPassword", {"name": "choir-0"})
            channel.refresh_from_db()
            channel.seal_secret(channel.open_secret() | {"access": "over"})
            channel.save(update_fields=["secret"])

        def deletes(uri: str) -> None:
            said = {"repo": ana.did, "collection": POSTS, "rkey": uri.rpartition("/")[2]}
            ana.ask("com.atproto.repo.deleteRecord", said)

        yield Place(
            slug="bluesky",
            filled_in={"address": line.address, "handle": acme.handle, "stream": line.address, "timeout_seconds": 10},
            secret={"app_password": app_password()},
            says=lambda text: ana.post(acme, text),
            shows=lambda text, picture, alt_text: ana.post(acme, text, ana.picture(picture, alt_text)),
            answers=answers,
            cut=line.cut,
            mend=line.mend,
            revoke=revoke,
            allow_again=lambda: {"app_password": app_password()},
            says_while_cut=True,
            deletes=deletes,
            settings={"pds": line.address},
            mutters=lambda text: ana.post(None, text),
        )
        line.cut()


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


PLACES = {"mastodon": mastodon, "bluesky": bluesky, "mail": mail}
