"""Searching a server of the Mastodon API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from choir.channels.connectors.mastodon import mapping
from choir.channels.connectors.mastodon.server import Server
from choir.channels.contract import Page
from choir.channels.exchange import promised_shape
from choir.channels.sources import Look, newest_first

NAME = "the Mastodon server"
MOST_A_PAGE = 40
LATE = dt.timedelta(minutes=30)  # posts of other servers arrive with the time at which they were written


def search(server: Server, question: str, place: str, *, limit: int, since: dt.datetime | None) -> Page:
    """New posts for a question: a single hashtag is read from its timeline, which every server has; words are
    searched for, as far back as the server goes."""
    size = min(limit, MOST_A_PAGE)
    is_hashtag = question.startswith("#") and " " not in question.strip()

    def of_hashtag(token: str, _: dt.datetime | None) -> Look:
        shown = server.asked(server.client.timeline_hashtag, question.strip()[1:], max_id=token or None, limit=size)
        with promised_shape(NAME):
            return Look(_found(shown), str(shown[-1]["id"]) if shown else "")  # a page may be short for what it hides

    def of_words(token: str, _: dt.datetime | None) -> Look:
        already = int(token or 0)
        found = server.asked(
            server.client.search_v2, question, resolve=False, result_type="statuses", offset=already, limit=size
        )
        with promised_shape(NAME):
            shown = found["statuses"]
            return Look(_found(shown), str(already + size) if len(shown) == size else "")

    return newest_first(place, of_hashtag if is_hashtag else of_words, since=since, overlap=LATE)


def _found(shown: Sequence[Mapping[str, Any]]) -> list[tuple[dt.datetime, Any]]:
    return [(mapping.moment(one["created_at"]), mapping.status_raw(one, why="found")) for one in shown]
