"""Asking the Graph API for one Page: its token, the proof that our app asks, its limits and its refusals in words.

Errors are told apart by their codes, not by the HTTP status: see “Handle errors” of the Graph API and “Common error
codes” of the Messenger Platform.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from choir.channels.contract import (
    Account,
    Allowance,
    Attachment,
    ConnectorError,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
    TemporaryError,
)
from choir.channels.exchange import LONGEST_WAIT, Exchange, promised_shape

ADDRESS = "https://graph.facebook.com"
VERSION = "v26.0"
MOST_IN_A_BATCH = 50
MOST_PAGES = 20  # of one post's comments, or of one conversation, in one look

SIGN_IN_CODES = frozenset({102, 190, 463, 467})
LIMIT_CODES = frozenset({4, 17, 32, 341, 613}) | frozenset(range(80000, 80015))
TEMPORARY_CODES = frozenset({1, 2})
PERMISSION_CODES = frozenset({3, 10}) | frozenset(range(200, 300))
WINDOW_SUBCODES = frozenset({2018278, 2534022})
PICTURE_SUBCODES = frozenset({2018047, 1366046})
GONE_SUBCODES = frozenset({33, 1404006, 1705002})
USUAL_WAIT = dt.timedelta(minutes=10)
WINDOW = (
    "It is more than 24 hours since the customer last wrote, and {network} takes no private answer after that. "
    "Answer in public if there is a public thread, or wait until they write again. Where Meta has approved Human Agent "
    "for the app, seven days are taken: an administrator ticks it under Channels."
)


class OutsideWindowError(RejectedError):
    """The customer's last private message is too old for an answer."""


class Graph:
    """One Page's Graph API. `network` is what people call it: Facebook or Instagram."""

    def __init__(self, account: Account, *, network: str) -> None:
        self._network, self._note = network, account.note
        token, app_secret = account.secret.get("page_token", ""), account.secret.get("app_secret", "")
        proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        self._proof = {"appsecret_proof": proof} if app_secret else {}
        self._exchange = Exchange(
            network=network,
            address=f"{account.settings.get('address') or ADDRESS}/{VERSION}",
            headers={"authorization": f"Bearer {token}"},
            timeout_seconds=float(account.settings.get("timeout_seconds", 10)),
            explain=self._explain,
            observe=self._observe,
        )

    def __repr__(self) -> str:
        return f"Graph({self._network})"

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Read one object or one page of an edge."""
        return self._exchange.get(path, **(query | self._proof))

    def post(self, path: str, said: Mapping[str, Any], **query: Any) -> dict[str, Any]:
        """Write; `fields` in the query are read back of what was made."""
        return self._exchange.post(path, said, **(query | self._proof))

    def post_file(
        self, path: str, said: Mapping[str, Any], file: tuple[str, Attachment], *, writes: bool = True
    ) -> dict[str, Any]:
        """Write with the content of a file, in a form whose values are JSON where they are no words. Without `writes`,
        nobody sees the file before something refers to it. Meta takes names of files in ASCII alone, and shows none."""
        form = {name: one if isinstance(one, str) else json.dumps(one) for name, one in {**said, **self._proof}.items()}
        name, picture = file
        plain = replace(picture, name=f"picture.{picture.media_type.rpartition('/')[2]}")
        return self._exchange.post_file(path, form, (name, plain), writes=writes)

    def delete(self, path: str) -> dict[str, Any]:
        """Take something of ours away."""
        return self._exchange.delete(path, **self._proof)

    def rest_of(self, edge: Mapping[str, Any], path: str, **query: Any) -> Iterator[Mapping[str, Any]]:
        """An edge that came with its object, and its further pages for as long as they are asked for."""
        yield from edge.get("data") or ()
        for _ in range(MOST_PAGES):
            after = following(edge)
            if not after:
                return
            edge = self.get(path, after=after, **query)
            yield from edge.get("data") or ()

    def each(self, ids: Sequence[str], fields: str) -> Mapping[str, Mapping[str, Any] | None]:
        """Objects by id in one request each fifty; None is one that is gone. What could not be told is left out."""
        found: dict[str, Mapping[str, Any] | None] = {}
        for start in range(0, len(ids), MOST_IN_A_BATCH):
            some = ids[start : start + MOST_IN_A_BATCH]
            asked = [{"method": "GET", "relative_url": f"{VERSION}/{one}?fields={fields}"} for one in some]
            said_of_each = self._exchange.post_for_list("/", {"batch": asked, "include_headers": False}, **self._proof)
            with promised_shape(self._network):
                for one, answer in zip(some, said_of_each, strict=True):
                    if answer is None:
                        continue
                    said = json.loads(answer["body"])
                    if answer["code"] == httpx.codes.OK:
                        found[one] = said
                    elif _is_gone(said.get("error") or {}):
                        found[one] = None
        return found

    def _explain(self, response: httpx.Response, writes: bool) -> ConnectorError | None:  # noqa: PLR0911
        """One sentence for each sort of refusal."""
        try:
            error = response.json()["error"]
            code, subcode = int(error.get("code", 0)), int(error.get("error_subcode") or 0)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        network = self._network
        if code in SIGN_IN_CODES or (code == 0 and response.status_code == httpx.codes.UNAUTHORIZED):
            return SignInExpiredError(
                f"{network} no longer accepts our Page token ({code}). Connect the channel again."
            )
        if code in LIMIT_CODES or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            until = dt.datetime.now(dt.UTC) + (_regained_in(response.headers) or USUAL_WAIT)
            return RateLimitedError(f"{network} asks us to wait until {until:%H:%M:%S} UTC ({code}).", until=until)
        if subcode in WINDOW_SUBCODES:
            return OutsideWindowError(WINDOW.format(network=network))
        if code in TEMPORARY_CODES or error.get("is_transient"):
            return TemporaryError(f"{network} failed ({code}).", may_have_happened=writes)
        if subcode in PICTURE_SUBCODES or code == 324:
            return RejectedError(f"{network} does not take this picture ({subcode or code}). Send it as a JPEG or PNG.")
        if _is_gone(error):
            return RejectedError(f"What this is about is gone from {network}, or hidden from us. Look there.")
        if code == 551:
            return RejectedError(f"This person cannot be written to on {network} now: they have blocked us or left.")
        if code == 368:
            return RejectedError(f"{network} has blocked our account for a while because of its rules. Look there.")
        if code in PERMISSION_CODES:
            return RejectedError(
                f"{network} does not allow this for our app ({code}). A permission or its review is missing: see the "
                "setup guide."
            )
        return RejectedError(f"{network} refuses this ({code}): {str(error.get('message', ''))[:200]}")

    def _observe(self, response: httpx.Response) -> None:
        used = _used(response.headers)
        if used is not None:
            # Meta counts over the last hour, and says when it is enough only where it is too much.
            resets_at = dt.datetime.now(dt.UTC) + (_regained_in(response.headers) or dt.timedelta(hours=1))
            self._note(Allowance(limit=100, remaining=max(0, 100 - used), resets_at=resets_at))


def following(edge: Mapping[str, Any]) -> str:
    """The token of the page after this one of an edge."""
    paging = edge.get("paging") or {}
    return str((paging.get("cursors") or {}).get("after", "")) if paging.get("next") else ""


def _is_gone(error: Mapping[str, Any]) -> bool:
    return error.get("code") == 803 or error.get("error_subcode") in GONE_SUBCODES


def _usages(headers: httpx.Headers) -> Iterator[Mapping[str, Any]]:
    for name in ("x-app-usage", "x-page-usage"):
        if stated := headers.get(name):
            yield json.loads(stated)
    if stated := headers.get("x-business-use-case-usage"):
        for several in json.loads(stated).values():
            yield from several


def _used(headers: httpx.Headers) -> int | None:
    """How many per cent of the tightest limit are used."""
    try:
        counts = [
            int(usage.get(name, 0))
            for usage in _usages(headers)
            for name in ("call_count", "total_time", "total_cputime")
        ]
    except (ValueError, TypeError, AttributeError):
        return None
    return max(counts, default=None)


def _regained_in(headers: httpx.Headers) -> dt.timedelta:
    """How long until we may ask again; Meta states it in minutes."""
    try:
        minutes = [int(usage.get("estimated_time_to_regain_access", 0)) for usage in _usages(headers)]
    except (ValueError, TypeError, AttributeError):
        minutes = []
    return min(dt.timedelta(minutes=max(minutes, default=0)), LONGEST_WAIT)
