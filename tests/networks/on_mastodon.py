"""A server of the Mastodon API: mastodon-mock, which is killed and started again with its rows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
from mastodon import Mastodon, MastodonNotFoundError

from choir.channels import registry
from choir.channels.contract import Authorizes
from tests.networks.installed import installed
from tests.networks.place import Place, Read
from tests.networks.servers import MastodonMock


class People:
    """Who speaks on the server without any of our code: Ana, a customer, and Bert, who reads."""

    def __init__(self, address: str) -> None:
        self.address = address

    @property
    def ana(self) -> Mastodon:
        return self._client("token-ana")

    @property
    def bert(self) -> Mastodon:
        return self._client("token-bert")

    def _client(self, token: str) -> Mastodon:
        return Mastodon(api_base_url=self.address, access_token=token, request_timeout=20)

    def says(self, text: str) -> str:
        return str(self.ana.status_post(f"@acme {text}").id)

    def shows(self, text: str, picture: bytes, alt_text: str) -> str:
        media = self.ana.media_post(picture, "image/png", description=alt_text)
        return str(self.ana.status_post(f"@acme {text}", media_ids=[media.id]).id)

    def whispers(self, text: str, warning: str) -> tuple[str, Callable[[], list[tuple[str, str]]]]:
        said = self.ana.status_post(f"@acme {text}", visibility="direct", spoiler_text=warning)

        def sent() -> list[tuple[str, str]]:
            return [(one.visibility, one.spoiler_text) for one in self.ana.status_context(said.id).descendants]

        return str(said.id), sent

    def deletes(self, status_id: str) -> None:
        self.ana.status_delete(status_id)

    def answers(self, status_id: str) -> list[str]:
        below = self.bert.status_context(status_id).descendants
        return [_plain(one.content) for one in below if str(one.in_reply_to_id) == status_id]

    def reads(self, status_id: str) -> Read | None:
        try:
            one = self.bert.status(status_id)
        except MastodonNotFoundError:
            return None
        pictures = tuple(str(media.description) for media in one.media_attachments)
        return Read(str(one.id), _plain(one.content), str(one.in_reply_to_id or ""), pictures)


def consented(address: str) -> dict[str, str]:
    """A person is sent to the server, says yes, and comes back: the code flow; the token is another one."""
    connector: object = registry.unconnected("mastodon", settings={"address": address}, secret={})
    assert isinstance(connector, Authorizes)
    back = "http://127.0.0.1:9/back"
    sent = connector.authorize(redirect_to=back, state="s3")
    form = dict(parse_qsl(urlsplit(sent.url).query)) | {"username": "acme"}
    came = httpx.post(f"{address}/oauth/authorize", data=form)
    brought = dict(parse_qsl(urlsplit(came.headers["location"]).query))
    assert brought["state"] == "s3"
    return dict(connector.redeem(brought["code"], redirect_to=back, kept=sent.kept).secret)


@contextmanager
def mastodon(folder: Path, database_url: str) -> Iterator[Place]:
    """The server, with our account on it."""
    server = MastodonMock(installed("mastodon-mock"), folder, ["acme", "ana", "bert"])
    address, people = server.address, People(server.address)
    place = Place(
        slug="mastodon",
        filled_in={"address": address, "timeout_seconds": 10},
        secret={"access_token": "token-acme"},
        says=people.says,
        shows=people.shows,
        whispers=people.whispers,
        answers=people.answers,
        reads=people.reads,
        likes=people.bert.status_favourite,
        cut=server.stop,
        mend=server.start,
        revoke=lambda channel: httpx.post(
            f"{address}/oauth/revoke", data={"token": place.secret["access_token"]}
        ).raise_for_status(),
        allow_again=lambda: consented(address),
        says_while_cut=False,
        deletes=people.deletes,
    )
    try:
        yield place
    finally:
        server.stop()


def _plain(content: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", content))
