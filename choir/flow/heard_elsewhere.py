"""One post is one mention, however many of our accounts on its network come across it. What is said to one of them is
that one's; what is only overheard is kept once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from choir.channels.models import ArrivalSource, Channel
from choir.legible import address
from choir.listening.actions import Heard
from choir.listening.matching import forget
from choir.listening.models import Mention

OVERHEARD = (ArrivalSource.SEARCH, ArrivalSource.STREAM)


def heard_once(channel: Channel, new: Sequence[Heard]) -> list[Heard]:
    """Without what another channel of the network has overheard or was told already. What is said to us here and was
    only overheard elsewhere is no longer there."""
    addresses = {one: address(one.item.url) for one in new if not one.item.is_ours}
    overheard = [one for one, url in addresses.items() if url and not one.is_work and one.arrival.source in OVERHEARD]
    known = set(_elsewhere(channel, [addresses[one] for one in overheard]).values_list("url", flat=True))
    told = [url for one, url in addresses.items() if url and one.is_work]
    twins = _elsewhere(channel, told).filter(is_addressed=False, arrival__source__in=OVERHEARD)
    gone = list(twins.values_list("pk", flat=True)) if told else []
    if gone:
        forget(channel.workspace_id, gone)
        Mention.objects.filter(pk__in=gone).delete()
    left_out = {one for one in overheard if addresses[one] in known}
    return [one for one in new if one not in left_out]


def _elsewhere(channel: Channel, addresses: Sequence[str]) -> QuerySet[Mention]:
    rows = Mention.objects.filter(workspace=channel.workspace_id, url__in=addresses, channel__network=channel.network)
    return rows.exclude(channel=channel)
