"""The AT network, all of it on loopback; its people speak without any of our code."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from choir.channels.models import Channel
from tests.networks.installed import installed
from tests.networks.place import Place, Read
from tests.networks.servers import Line, at_network

POSTS, LIKES = "app.bsky.feed.post", "app.bsky.feed.like"


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


class People:
    """Who speaks on the network without any of our code: the company itself, Ana, a customer, and Bert, who reads."""

    def __init__(self, pds: str) -> None:
        self.acme, self.ana, self.bert = (
            XRPC(pds, name) for name in ("choir-company", "choir-customer", "choir-reader")
        )
        self._made = iter(range(100))

    def app_password(self) -> str:
        name = f"choir-{next(self._made)}"
        return str(self.acme.ask("com.atproto.server.createAppPassword", {"name": name})["password"])

    def says(self, text: str) -> str:
        return self.ana.post(self.acme, text)

    def shows(self, text: str, picture: bytes, alt_text: str) -> str:
        return self.ana.post(self.acme, text, self.ana.picture(picture, alt_text))

    def mutters(self, text: str) -> str:
        return self.ana.post(None, text)

    def answers(self, uri: str) -> list[str]:
        end = time.monotonic() + 60
        while time.monotonic() < end:  # the AppView follows the stream
            thread = self.bert.ask("app.bsky.feed.getPostThread", uri=uri, depth=1)["thread"]
            if replies := [one["post"]["record"]["text"] for one in thread.get("replies", [])]:
                return replies
            time.sleep(0.3)
        return []

    def reads(self, uri: str) -> Read | None:
        found = self.bert.ask("app.bsky.feed.getPosts", uris=uri)["posts"]
        if not found:
            return None
        record = found[0]["record"]
        pictures = tuple(one["alt"] for one in (record.get("embed") or {}).get("images", ()))
        answered = (record.get("reply") or {}).get("parent", {}).get("uri", "")
        return Read(found[0]["uri"], record["text"], answered, pictures)

    def likes(self, uri: str) -> None:
        [post] = self.bert.ask("app.bsky.feed.getPosts", uris=uri)["posts"]
        subject = {"uri": uri, "cid": post["cid"]}
        record = {"$type": LIKES, "subject": subject, "createdAt": post["record"]["createdAt"]}
        said = {"repo": self.bert.did, "collection": LIKES, "record": record}
        self.bert.ask("com.atproto.repo.createRecord", said)

    def deletes(self, uri: str) -> None:
        said = {"repo": self.ana.did, "collection": POSTS, "rkey": uri.rpartition("/")[2]}
        self.ana.ask("com.atproto.repo.deleteRecord", said)

    def revoke(self, channel: Channel) -> None:
        """The app password is withdrawn, and the session's access token, which would live two hours, is over."""
        self.acme.ask("com.atproto.server.revokeAppPassword", {"name": "choir-0"})
        channel.refresh_from_db()
        channel.seal_secret(channel.open_secret() | {"access": "over"})
        channel.save(update_fields=["secret"])


@contextmanager
def bluesky(folder: Path, database_url: str) -> Iterator[Place]:
    """The AT network; our account is reached over a line that can be cut, for the network lives in memory."""
    with at_network(installed("bluesky"), folder, database_url) as addresses:
        pds = addresses["pds"]
        people, line = People(pds), Line(int(pds.rpartition(":")[2]))
        handle = people.acme.handle
        yield Place(
            slug="bluesky",
            filled_in={"address": line.address, "handle": handle, "stream": line.address, "timeout_seconds": 10},
            secret={"app_password": people.app_password()},
            says=people.says,
            shows=people.shows,
            answers=people.answers,
            reads=people.reads,
            likes=people.likes,
            cut=line.cut,
            mend=line.mend,
            revoke=people.revoke,
            allow_again=lambda: {"app_password": people.app_password()},
            says_while_cut=True,
            deletes=people.deletes,
            settings={"pds": line.address},
            mutters=people.mutters,
        )
        line.cut()
