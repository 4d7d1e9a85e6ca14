"""Hearing: what people said becomes mentions, each once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from choir.channels.contract import Item, Kind, Media, UnreadableError
from choir.channels.models import Arrival, Channel
from choir.customers.models import Identity
from choir.legible import address, cut, fitted_id, legible
from choir.listening.models import Mention
from choir.rows import insert, made


@dataclass(frozen=True, slots=True)
class Heard:
    """One item and the arrival it was read from."""

    arrival: Arrival
    item: Item

    @property
    def external_id(self) -> str:
        """The item's id as it is kept."""
        return fitted_id(self.item.external_id)

    @property
    def said_at(self) -> dt.datetime:
        """When it was said; never later than we received it, whatever the network's clock says."""
        return min(self.item.posted_at, self.arrival.received_at)

    @property
    def is_work(self) -> bool:
        """Whether somebody said something to us: it stands in a conversation. What a search found, what stands above
        it, and a new follower are kept without."""
        return self.item.is_addressed and self.item.kind != Kind.FOLLOW


FIRST_LOOK = dt.timedelta(hours=1)  # then ever more seldom: choir.flow.look_again
EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


def fit(item: Item) -> Item:
    """The item, if it has what cannot be done without: an id, an author, a time. Raises UnreadableError."""
    if not item.external_id:
        raise UnreadableError("It has no id on the network.")
    if not item.author.external_id and not item.is_ours:
        raise UnreadableError("It does not say who wrote it.")
    if item.posted_at.tzinfo is None:
        raise UnreadableError("Its time has no zone.")
    if not EARLIEST <= item.posted_at <= LATEST:
        raise UnreadableError(f"Its time, {item.posted_at.isoformat()}, cannot be right.")
    return item


def mention(channel: Channel, heard: Sequence[Heard], *, identities: Mapping[str, Identity]) -> list[Mention]:
    """Write down what customers said, in their order and in one statement. The caller has left out what is known."""
    mentions = [_mention(channel, one, identities[fitted_id(one.item.author.external_id)]) for one in heard]
    insert(mentions, skips_known=True)
    return mentions


def _mention(channel: Channel, heard: Heard, identity: Identity) -> Mention:
    item = heard.item
    return made(
        Mention,
        workspace_id=channel.workspace_id,
        channel=channel,
        arrival=heard.arrival,
        identity=identity,
        external_id=heard.external_id,
        parent_external_id=fitted_id(item.parent_id),
        thread_external_id=fitted_id(item.thread_id),
        kind=item.kind.value,
        is_private=item.is_private,
        is_addressed=item.is_addressed,
        visibility=item.visibility.value,
        content_warning=legible(item.content_warning),
        text=legible(item.text),
        quoted=legible(item.quoted),
        automatic_because=cut(item.automatic_because, 200),
        stars=item.stars if item.stars is not None and 0 <= item.stars <= 100 else None,
        media=media_of(item),
        url=address(item.url),
        language_hint=cut(item.language_hint, 8),
        posted_at=heard.said_at,
        received_at=heard.arrival.received_at,
        edited_at=item.edited_at,
        read_at=heard.arrival.received_at if item.kind == Kind.FOLLOW else None,
        look_again_at=heard.arrival.received_at + FIRST_LOOK if _tells_nothing(item) else None,
    )


def _tells_nothing(item: Item) -> bool:
    """Whether the network says nothing of what becomes of this: it was not said to us."""
    return not item.is_addressed and item.kind != Kind.FOLLOW


def media_of(item: Item) -> list[dict[str, str]]:
    """The media of an item as they are kept."""
    return [_media(one) for one in item.media]


def _media(media: Media) -> dict[str, str]:
    return {
        "url": address(media.url),
        "kind": cut(media.kind, 20),
        "alt_text": legible(media.alt_text),
        "name": cut(media.name, 200),
    }
