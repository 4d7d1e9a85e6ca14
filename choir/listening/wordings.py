"""From mentions to what queries see of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from choir.channels.contract import Item, Kind, Visibility
from choir.channels.models import Channel
from choir.customers.models import Identity
from choir.legible import cut
from choir.listening.language.folding import SIGILS, folded, has_emoji, spaced, words_in
from choir.listening.language.matching import Document
from choir.listening.models import Mention, Wording
from choir.prepared import Slot, one_of, prepared
from choir.rows import made

PUBLIC = (Visibility.PUBLIC, Visibility.UNLISTED)
_LINK = re.compile(r"https?://\S|\bwww\.\S")
_QUESTION = re.compile("[?\uff1f\u061f\u037e]")


@dataclass(frozen=True, slots=True)
class Understood:
    """What the present reading of a mention says, as far as queries ask about it."""

    language: str = ""
    sentiment: str = ""
    objective: str = ""
    topic: str = ""


NOTHING = Understood()


def wordings_of(mentions: Sequence[Mention], understood: Mapping[uuid.UUID, Understood]) -> list[Wording]:
    """The wordings of public mentions, not saved; two queries however many."""
    public = [one for one in mentions if is_public(one)]
    identities = {one.pk: one for one in _authors(ids=list({one.identity_id for one in public}))}
    networks = dict(_networks(ids=list({one.channel_id for one in public})))
    return [
        _wording(one, identities[one.identity_id], networks[one.channel_id], understood.get(one.pk, NOTHING))
        for one in public
    ]


@prepared
def _authors(ids: Slot) -> QuerySet[Identity]:
    return Identity.objects.filter(one_of("pk", ids)).only("handle", "name", "followers_count")


@prepared
def _networks(ids: Slot) -> QuerySet[Channel, tuple[uuid.UUID, str]]:
    return Channel.objects.filter(one_of("pk", ids)).values_list("pk", "network")


def is_public(mention: Mention) -> bool:
    """Whether anybody can see it on the network, and it says something."""
    return not mention.is_private and mention.visibility in PUBLIC and mention.kind != Kind.FOLLOW


def _wording(mention: Mention, author: Identity, network: str, understood: Understood) -> Wording:
    words = words_in(mention.text)
    wording = made(
        Wording,
        mention=mention,
        workspace_id=mention.workspace_id,
        channel_id=mention.channel_id,
        posted_at=mention.posted_at,
        words=spaced(words),
        author=named(author.handle, author.name),
        network=cut(folded(network).strip(), 40),
        kind=mention.kind,
        traits=_traits(mention.text, words, has_media=bool(mention.media), has_stars=mention.stars is not None),
        stars=mention.stars,
        followers=author.followers_count,
    )
    set_reading(wording, understood)
    return wording


def set_reading(wording: Wording, understood: Understood) -> None:
    """Set what its reading says; call `save` after."""
    wording.language, wording.sentiment = understood.language, understood.sentiment
    wording.objective, wording.topic = understood.objective, understood.topic


def named(*names: str) -> str:
    """Names as a query finds them: folded, without @."""
    return spaced([word.lstrip(SIGILS) or word for name in names for word in words_in(name)])


def _traits(text: str, words: Sequence[str], *, has_media: bool, has_stars: bool) -> list[str]:
    kept = {
        "link": _LINK.search(text) is not None,
        "media": has_media,
        "hashtag": any(word[0] == "#" for word in words),
        "mention": any(word[0] == "@" for word in words),
        "question": _QUESTION.search(text) is not None,
        "emoji": has_emoji(text),
        "stars": has_stars,
    }
    return [name for name, has in kept.items() if has]


def document_of(wording: Wording, channels: Mapping[uuid.UUID, str]) -> Document:
    """A wording as queries are matched with it in memory. `channels` tells their folded names."""
    return Document(
        words=wording.words,
        author=wording.author,
        channel=channels.get(wording.channel_id, " "),
        language=wording.language,
        network=wording.network,
        kind=wording.kind,
        sentiment=wording.sentiment,
        objective=wording.objective,
        topic=wording.topic,
        traits=frozenset(wording.traits),
        stars=wording.stars,
        followers=wording.followers,
    )


def document_of_item(item: Item, *, network: str, channel: str) -> Document:
    """What a network shows as queries see it before anybody has read it. `network` is the channel's, `channel` its
    folded name."""
    words = words_in(item.text)
    return Document(
        words=spaced(words),
        author=named(item.author.handle, item.author.name),
        channel=channel,
        network=cut(folded(network).strip(), 40),
        kind=item.kind.value,
        traits=frozenset(_traits(item.text, words, has_media=bool(item.media), has_stars=item.stars is not None)),
        stars=item.stars,
        followers=item.author.followers_count,
    )


def channel_names(workspace_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """The folded names of a workspace's channels by id."""
    return {pk: named(name, handle) for pk, name, handle in _names(workspace=workspace_id)}


@prepared
def _names(workspace: Slot) -> QuerySet[Channel, tuple[uuid.UUID, str, str]]:
    return Channel.objects.filter(workspace=workspace).values_list("pk", "name", "handle")
