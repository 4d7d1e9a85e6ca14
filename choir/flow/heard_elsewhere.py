"""One post is one mention, however many of our accounts on its network come across it. What is said to one of them is
that one's; what is only overheard is kept once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet

from choir.channels.models import ArrivalSource, Channel
from choir.legible import address
from choir.listening.actions import Heard
from choir.listening.matching import forget
from choir.listening.models import Mention
from choir.prepared import Slot, one_of, prepared

OVERHEARD = (ArrivalSource.SEARCH, ArrivalSource.STREAM)


def heard_once(channel: Channel, new: Sequence[Heard]) -> list[Heard]:
    """Without what another channel of the network has overheard or was told already. What is said to us here and was
    only overheard elsewhere is no longer there."""
    addresses = {one: address(one.item.url) for one in new if not one.item.is_ours}
    overheard = [one for one, url in addresses.items() if url and not one.is_work and one.arrival.source in OVERHEARD]
    here = {"workspace": channel.workspace_id, "network": channel.network, "channel": channel.pk}
    known = {url for (url,) in _known(urls=[addresses[one] for one in overheard], **here)} if overheard else set()
    told = [url for one, url in addresses.items() if url and one.is_work]
    gone = [pk for (pk,) in _twins(urls=told, **here)] if told else []
    if gone:
        forget(channel.workspace_id, gone)
        Mention.objects.filter(pk__in=gone).delete()
    left_out = {one for one in overheard if addresses[one] in known}
    return [one for one in new if one not in left_out]


@prepared
def _known(workspace: Slot, network: Slot, channel: Slot, urls: Slot) -> QuerySet[Mention, tuple[str]]:
    return _elsewhere(workspace, network, channel, urls).values_list("url")


@prepared
def _twins(workspace: Slot, network: Slot, channel: Slot, urls: Slot) -> QuerySet[Mention, tuple[uuid.UUID]]:
    rows = _elsewhere(workspace, network, channel, urls)
    return rows.filter(is_addressed=False, arrival__source__in=OVERHEARD).values_list("pk")


def _elsewhere(workspace: Slot, network: Slot, channel: Slot, urls: Slot) -> QuerySet[Mention]:
    rows = Mention.objects.filter(one_of("url", urls), workspace=workspace, channel__network=network)
    return rows.exclude(channel=channel)
