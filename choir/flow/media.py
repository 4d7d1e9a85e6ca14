"""The step `media`: pictures and files that came with what customers said are fetched and kept, and what nothing refers
to any more is removed.

Each attempt is written down before it begins, so that a worker that dies costs one attempt. What fails for a while is
tried again, ever more seldom; what is refused says why, and a person can have it tried again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from choir.channels import quota
from choir.channels.contract import ConnectorError, Held, HoldsMedia, Located, RejectedError, TemporaryError
from choir.channels.registry import connect
from choir.channels.secrets import UnreadableSecretError
from choir.inbox.live import announce
from choir.inbox.models import Conversation, Message
from choir.media.keeping import FOLDERS, LARGEST, clear, forget, keep
from choir.media.models import Attachment, AttachmentState, File
from choir.outside import Bounds, OutsideError, UnreachableError, fetch
from choir.wake import Step, wake

AT_ONCE = 4  # each holds up to `LARGEST` bytes
LEASE = dt.timedelta(minutes=3)
PAUSES_SECONDS = (30, 120, 600, 3600, 6 * 3600)
PICTURES = ("image", "photo", "picture", "gif", "sticker")
PICTURE_KINDS = ("image/", "application/octet-stream", "binary/octet-stream")
FORGOTTEN_AFTER = dt.timedelta(days=30)  # what was attached to an answer that nobody finished
REMOVED_AT_ONCE = 200
MINUTES_A_ROUND = 64  # in which every folder is looked through once

log = structlog.get_logger()


def fetch_media(*, at: dt.datetime) -> int:
    """Fetch one batch of what is due, and remove what nothing refers to; how many rows moved."""
    claimed = _claim(at)
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="media") as pool:
        calls = {pool.submit(_taken, one, *_source(one)): one for one in claimed}
        for call in as_completed(calls):
            _conclude(calls[call], call.result())
    quota.settle(at=timezone.now())
    return len(claimed) + (0 if claimed else _removed(at))


@transaction.atomic
def _claim(at: dt.datetime) -> list[Attachment]:
    due = Attachment.objects.due(at).order_by("due_at").select_for_update(skip_locked=True, of=("self",))
    ids = [one.pk for one in due[:AT_ONCE]]
    Attachment.objects.filter(pk__in=ids).update(due_at=at + LEASE, attempts_count=F("attempts_count") + 1)
    rows = Attachment.objects.filter(pk__in=ids).select_related("mention__channel", "mention__arrival")
    return list(rows)


def _source(attachment: Attachment) -> tuple[HoldsMedia | None, bool, ConnectorError | None]:
    """The connector, where it is the one that has the content or knows where it is; whether private addresses may be
    asked; and why there is no connector, if it should have it."""
    mention = attachment.mention
    assert mention is not None
    channel = mention.channel
    allows_private = bool(channel.settings.get("allows_private"))
    if attachment.address:
        return None, allows_private, None
    try:
        connector: object = connect(channel)
    except UnreadableSecretError as error:
        return None, False, TemporaryError(str(error))
    if not isinstance(connector, HoldsMedia):
        return None, False, RejectedError(f"{channel.network.capitalize()} does not say where it is.")
    return connector, allows_private, None


def _taken(
    attachment: Attachment, holder: HoldsMedia | None, allows_private: bool, refused: ConnectorError | None
) -> Held | Exception:
    """The content, or why there is none. In a thread of its own, without a database."""
    try:
        if refused is not None:
            return refused
        found = Located(attachment.address) if holder is None else _told(attachment, holder)
        if isinstance(found, Located):
            return _fetched(attachment, found, allows_private=allows_private)
        return found
    except Exception as error:  # noqa: BLE001 -- one that cannot be had must not stop the others
        return error


def _told(attachment: Attachment, holder: HoldsMedia) -> Held | Located:
    """What the connector says of it. Raises RejectedError when it cannot be asked, or the content is too large."""
    mention = attachment.mention
    arrival = mention.arrival if mention is not None else None
    if arrival is None or not arrival.payload:
        raise RejectedError("What it came in is no longer kept.")
    found = holder.content_of(arrival.raw, attachment.place)
    if isinstance(found, Held) and len(found.content) > LARGEST:
        raise RejectedError(f"It is larger than {LARGEST // 1024**2} MB.")
    return found


def _fetched(attachment: Attachment, there: Located, *, allows_private: bool) -> Held | Exception:
    is_picture = attachment.kind.lower().startswith(PICTURES)
    bounds = Bounds(most_bytes=LARGEST, seconds=60, kinds=PICTURE_KINDS if is_picture else ())
    found = fetch(there.url, bounds=bounds, headers=there.headers, allows_private=allows_private)
    if found.status == 429 or found.status >= 500:
        return UnreachableError(f"its server answered {found.status}")
    if not 200 <= found.status < 300:
        gone = "it is no longer there" if found.status in (404, 410) else "its server does not give it to us"
        return RejectedError(f"{gone} ({found.status})")
    if found.kind in ("text/html", "application/xhtml+xml") or "mpegurl" in found.kind:
        return RejectedError("its address leads to a page, not to the file itself")
    return Held(content=found.content, media_type=found.kind, name=attachment.name)


@transaction.atomic
def _conclude(attachment: Attachment, outcome: Held | Exception) -> None:
    """Write down what became of one attempt, unless its author took it back meanwhile, and show it."""
    at = timezone.now()
    row = Attachment.objects.select_for_update(of=("self",)).filter(pk=attachment.pk).first()
    if row is None or row.state != AttachmentState.WAITING:
        return
    if isinstance(outcome, Held):
        row.file = keep(row.workspace_id, outcome.content, media_type=outcome.media_type, at=at)
        row.name = row.name or outcome.name[:200]
        row.state, row.because, row.due_at = AttachmentState.KEPT, "", None
    else:
        _explain(row, outcome, at=at)
    row.save()
    said_in = Message.objects.filter(mention=row.mention_id).values("conversation")
    announce(Conversation.objects.filter(pk__in=said_in), what="message")


def _explain(row: Attachment, error: Exception, *, at: dt.datetime) -> None:
    """Why it is not here, and whether it is tried again by itself."""
    known = isinstance(error, OutsideError | ConnectorError)
    if not known:
        log.error("media.failed", attachment=str(row.pk), exc_info=error)
    words = error.words if isinstance(error, ConnectorError) else str(error)
    row.because = words.strip().rstrip(".") if known else f"an unexpected failure ({type(error).__name__})"
    passes = not isinstance(error, RejectedError) and (not isinstance(error, OutsideError) or _may_pass(error))
    if passes and row.attempts_count <= len(PAUSES_SECONDS):
        row.due_at = at + dt.timedelta(seconds=PAUSES_SECONDS[row.attempts_count - 1])
        wake(Step.MEDIA, at=row.due_at)
        return
    row.state, row.due_at = AttachmentState.FAILED, None


def _may_pass(error: OutsideError) -> bool:
    return isinstance(error, UnreachableError)


def _removed(at: dt.datetime) -> int:
    """Remove what was attached to answers that nobody finished, and files that nothing refers to."""
    Attachment.objects.filter(Q(mention=None, message=None), created_at__lt=at - FORGOTTEN_AFTER).delete()
    unused = File.objects.filter(attachments=None)[:REMOVED_AT_ONCE]
    removed = sum(forget(file) for file in unused)
    _look_through(at)
    return removed


def _look_through(at: dt.datetime) -> None:
    """Every minute some folders, so that all of them are looked through in about an hour."""
    turn = int(at.timestamp() // 60) % MINUTES_A_ROUND
    for folder in _folders(turn):
        clear(folder)


def _folders(turn: int) -> Sequence[str]:
    return FOLDERS[turn::MINUTES_A_ROUND]
