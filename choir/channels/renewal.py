"""Secrets that networks replace: sessions that expire, refresh tokens that work once. One worker renews, the others
take what it got."""

from __future__ import annotations

import threading
import uuid

from django.db import connection, transaction

from choir.channels.contract.account import Renewal, Secret
from choir.channels.models import Channel


def renew(channel_id: uuid.UUID, renewal: Renewal) -> Secret:
    """Replace a channel's secret by what `renewal` makes of the newest one, and keep it before anybody uses it. Whoever
    comes at the same time waits and finds it renewed. Called from a thread of its own, its connection is closed
    after."""
    try:
        with transaction.atomic():
            _hold(channel_id)
            channel = Channel.objects.only("secret").get(pk=channel_id)
            present = channel.open_secret()
            renewed = dict(renewal(present))
            if renewed != present:
                channel.seal_secret(renewed)
                channel.save(update_fields=["secret"])
            return renewed
    finally:
        if threading.current_thread() is not threading.main_thread() and not connection.in_atomic_block:
            connection.close()


def _hold(channel_id: uuid.UUID) -> None:
    """Be the only one to renew this channel's secret; its row stays free for arrivals and deliveries meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"renew {channel_id}"])
