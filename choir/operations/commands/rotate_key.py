"""`choir rotate-key`: a new key for what is stored encrypted."""

import json
import sys
from typing import Annotated

import typer
from django.db import transaction
from django.db.models import QuerySet

from choir.channels.models import Channel
from choir.channels.secrets import UnreadableSecretError, is_sealed_with, seal_anew
from choir.operations.ready import Refusal, installation


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON line.")] = False,
) -> None:
    """Make a new encryption key, encrypt every channel's sign-in with it, and forget the older keys.

    Choir may run meanwhile. Killed at any moment it loses nothing: run it again. Where Choir runs on several machines
    they share keys/, or are stopped and given the new keys/encryption_key.

    Example: choir rotate-key --data /srv/choir
    """
    home = installation()
    if len(home.encryption_keys) == 1:  # more: an earlier run was killed, and is finished with the key it made
        home.rotate_encryption_key()
    newest = home.encryption_keys[0]
    while waiting := [one for one in _sealed() if not is_sealed_with(bytes(one.secret), newest)]:
        unreadable = [name for name in map(_renew, waiting) if name]
        if unreadable:
            raise Refusal(
                f"No key of this installation opens the sign-ins of {', '.join(unreadable)}, so the older keys are "
                "kept. Sign in to these channels again, or restore keys/ from the backup; then run this again."
            )
    home.forget_older_encryption_keys()
    count = _sealed().count()
    if as_json:
        sys.stdout.write(json.dumps({"ok": True, "channels": count}) + "\n")
    else:
        sys.stdout.write(f"The sign-ins of {count} channels are encrypted with a new key.\n")


def _sealed() -> QuerySet[Channel]:
    return Channel.objects.exclude(secret=b"").order_by("pk")


@transaction.atomic
def _renew(channel: Channel) -> str:
    """Encrypt one channel's sign-in anew; the channel's name where it cannot be read."""
    row = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    try:
        row.secret = seal_anew(bytes(row.secret))
    except UnreadableSecretError:
        return row.name
    row.save(update_fields=["secret"])
    return ""
