"""What was not said to us becomes a conversation all the same: mentions that only a search found, or that stood above
something said to us."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from choir.channels.contract import Author, Item, Kind, Visibility
from choir.channels.models import Arrival, Channel
from choir.flow.after_hearing import consequences
from choir.inbox.threads import append
from choir.listening.actions import Heard
from choir.listening.models import Mention
from choir.media.actions import attach
from choir.wake import Step, wake


def bring_in(mentions: Sequence[Mention]) -> None:
    """From now on these count as said to us: each is in the conversation of its thread, which arrives."""
    by_channel: dict[uuid.UUID, list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_channel[mention.channel_id].append(mention)
    for channel in Channel.objects.filter(pk__in=by_channel).select_related("workspace"):
        ours = by_channel[channel.pk]
        Mention.objects.filter(pk__in=[one.pk for one in ours]).update(is_addressed=True)
        appended = append(channel, inbound=[(_as_heard(one), one) for one in ours], outbound=[], at=timezone.now())
        attach(ours, at=timezone.now())
        consequences(channel, appended, at=timezone.now())
        wake(Step.ROUTE)


def _as_heard(mention: Mention) -> Heard:
    """The mention as hearing had it."""
    author = mention.identity
    item = Item(
        external_id=mention.external_id,
        kind=Kind(mention.kind),
        author=Author(author.external_id, author.handle, author.name, author.url, author.followers_count),
        text=mention.text,
        posted_at=mention.posted_at,
        parent_id=mention.parent_external_id,
        thread_id=mention.thread_external_id,
        url=mention.url,
        is_private=mention.is_private,
        visibility=Visibility(mention.visibility),
        edited_at=mention.edited_at,
    )
    return Heard(mention.arrival or Arrival(received_at=mention.received_at), item)
