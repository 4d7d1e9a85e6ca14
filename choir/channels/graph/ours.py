"""What our accounts on Meta's networks have in common: a Page's token, webhooks for one app, private messages, edges
that are read newest first."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from choir.channels.contract import Account, Authorization, Page, Raw, RejectedError, SignedIn
from choir.channels.contract.account import Secret
from choir.channels.exchange import promised_shape
from choir.channels.graph import signing_in
from choir.channels.graph.asking import Graph, following
from choir.channels.graph.messages import Messages, said_in
from choir.channels.graph.notices import changes, confirmed, entries
from choir.channels.sources import Look, newest_first

CLOCK_SKEW = dt.timedelta(seconds=30)
FOLLOW_UP_HOURS = 168
MOST_A_PAGE = 25
ANY_TIME = dt.datetime.min.replace(tzinfo=dt.UTC)
Node = Mapping[str, Any]


class OurAccount(ABC):
    """One account of ours. `network` is what people call it, `platform` what private messages call it, `subject` what
    webhooks call it, `notices` which of them are asked for, `scopes` what a person is asked to allow."""

    network: ClassVar[str]
    platform: ClassVar[str]
    subject: ClassVar[str]
    notices: ClassVar[str]
    scopes: ClassVar[str]

    def __init__(self, account: Account) -> None:
        self._account = account
        self._us = account.external_id
        self._graph = Graph(account, network=self.network)
        self._may_follow_up = account.settings.get("human_agent") in (True, "yes")
        self._messages = Messages(
            self._graph,
            platform=self.platform,
            network=self.network,
            us=self._us,
            may_follow_up=self._may_follow_up,
        )

    def sign_in(self) -> SignedIn:
        """Whose account the Page's token opens; asks for its notices to be sent."""
        if not self._account.secret.get("page_token"):
            raise RejectedError("There is no Page access token. Sign in with Facebook, or fill one in.")
        found = self._found()
        self._ask_for_notices()
        return found

    def authorize(self, *, redirect_to: str, state: str) -> Authorization:
        """Facebook's page on which somebody who manages the Page allows our app in."""
        return signing_in.authorize(self._account, scopes=self.scopes, redirect_to=redirect_to, state=state)

    def redeem(self, code: str, *, redirect_to: str, kept: Secret) -> SignedIn:
        """They are back: the Page's token, and whose account it opens."""
        token = signing_in.page_token(self._account, code, network=self.network, redirect_to=redirect_to)
        secret = {"page_token": token}
        account = replace(self._account, secret=dict(self._account.secret) | secret)
        return replace(type(self)(account).sign_in(), secret=secret)

    def confirm(self, query: Mapping[str, str]) -> bytes:
        """Meta asks whether the webhook's address is ours."""
        return confirmed(query, verify_token=self._account.secret.get("verify_token", ""))

    def receive(self, body: bytes, headers: Mapping[str, str], *, now: dt.datetime) -> Sequence[Raw]:
        """This account's part of a webhook."""
        secret = self._account.secret.get("app_secret", "")
        found: list[Raw] = []
        for entry in entries(body, headers, app_secret=secret, subject=self.subject, us=self._us):
            at = int(entry.get("time") or now.timestamp())
            for field, value in changes(entry):
                found += self._changed(field, value, at=at)
            found += said_in(entry)
        return found

    def _began(self, attempted_at: dt.datetime | None) -> dt.datetime | None:
        """From when on something of ours may be there: the first attempt, by Meta's clock."""
        return attempted_at - CLOCK_SKEW if attempted_at else None

    @abstractmethod
    def _found(self) -> SignedIn:
        """The account that the Page's token opens."""

    @abstractmethod
    def _changed(self, field: str, value: Node, *, at: int) -> Iterable[Raw]:
        """What one change of a webhook tells; `at` is in seconds since 1970."""

    def _ask_for_notices(self) -> None:
        """Have webhooks sent, where the app has them."""
        if self._account.secret.get("verify_token"):
            self._graph.post("/me/subscribed_apps", {"subscribed_fields": self.notices})

    def _settings(self) -> dict[str, Any]:
        """What is kept of a sign-in: a longer window for private answers, where Meta has allowed our app that."""
        return {"limits": {"direct_answer_hours": FOLLOW_UP_HOURS}} if self._may_follow_up else {}

    def _edge(
        self,
        path: str,
        place: str,
        limit: int,
        *,
        fields: str,
        said_at: Callable[[Node, dt.datetime | None], Iterable[tuple[dt.datetime, Raw]]],
        down_to: dt.datetime | None = None,
    ) -> Page:
        """One page of an edge, newest first; `said_at` is what each node tells, down to a time read before."""

        def look(after: str, floor: dt.datetime | None) -> Look:
            edge = self._graph.get(
                path, fields=fields, limit=min(limit, MOST_A_PAGE), **({"after": after} if after else {})
            )
            with promised_shape(self.network):
                found = [pair for node in edge["data"] for pair in said_at(node, floor)]
                return Look(found, following(edge), down_to=down_to)

        return newest_first(place, look)
