"""What a network is to hand over though it does not address us: what a query that is put to it may find."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

from choir.channels.contract import Item
from choir.channels.models import Channel
from choir.legible import fitted_id
from choir.listening.language.matching import Matcher
from choir.listening.language.unread import possible
from choir.listening.models import Inquiry, Mention, Query
from choir.listening.wordings import document_of_item, named

FRESH_SECONDS = 15.0


class Wanting:
    """What the queries put to one channel's network may find, as the queries are now or were a moment ago."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._name = named(channel.name, channel.handle)
        self._looked = 0.0
        self._known: frozenset[tuple[uuid.UUID, int]] = frozenset()
        self._matcher: Matcher[uuid.UUID] | None = None
        self._hashtags: tuple[str, ...] = ()

    def finds(self, item: Item) -> bool:
        """Whether a query may find this, once it is read."""
        self._refresh()
        if self._matcher is None:
            return False
        document = document_of_item(item, network=self._channel.network, channel=self._name)
        return bool(self._matcher.matching(document))

    def knows(self, external_id: str) -> bool:
        """Whether this is a mention of the channel."""
        return Mention.objects.filter(
            workspace_id=self._channel.workspace_id, channel=self._channel, external_id=fitted_id(external_id)
        ).exists()

    def hashtags(self) -> Sequence[str]:
        """The hashtags among the questions, those of most queries first."""
        self._refresh()
        return self._hashtags

    def _refresh(self) -> None:
        """Follow the queries, if some time has passed."""
        now = time.monotonic()
        if self._looked and now - self._looked < FRESH_SECONDS:
            return
        self._looked = now
        asked = Inquiry.objects.filter(channel=self._channel, query__is_paused=False).exclude(questions=[])
        rows = list(asked.values_list("query_id", "version", "questions"))
        known = frozenset((query_id, version) for query_id, version, _ in rows)
        if known == self._known:
            return
        trees = {one.pk: possible(one.tree) for one in Query.objects.filter(pk__in=[row[0] for row in rows])}
        self._matcher = Matcher({pk: tree for pk, tree in trees.items() if tree is not None}) if rows else None
        tags = [question for _, _, questions in rows for question in questions if _is_hashtag(question)]
        self._hashtags = tuple(sorted(set(tags), key=lambda tag: (-tags.count(tag), tag)))
        self._known = known


def _is_hashtag(question: str) -> bool:
    return question.startswith("#") and " " not in question
