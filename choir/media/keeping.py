"""Keeping content on disk: once, under the SHA-256 of its bytes, beside its small copy.

Files lie in `media/files/AB/ABCD…`, in the data directory, so that a backup has them. A row and its content are made
and removed under one lock a digest: content that somebody is just keeping again is never removed by somebody else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import secrets
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from choir.media import pictures
from choir.media.models import File

LARGEST = 25 * 1024 * 1024
SMALL = ".small"
FOLDERS = [f"{number:02x}" for number in range(256)]
LEFT_ALONE_SECONDS = 3600  # content so young may belong to a row that is not committed yet
TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}/[a-z0-9][a-z0-9.+-]{0,50}")
UNSTATED = "application/octet-stream"


class NotKeptError(Exception):
    """The content is not on disk; the text says so and what to do."""


def keep(workspace_id: uuid.UUID, content: bytes, *, media_type: str, at: dt.datetime) -> File:
    """Keep content once; the row of what is known already is given back. Called in a transaction, because the lock
    lasts as long as it does."""
    digest = hashlib.sha256(content).hexdigest()
    _hold(digest)
    known = File.objects.filter(workspace_id=workspace_id, digest=digest).first()
    if known is not None and path_of(digest).exists():
        return known
    try:
        picture = pictures.read(content)
    except pictures.NoPictureError:
        picture = None
    _write(path_of(digest), content)
    if picture is not None:
        _write(path_of(digest, is_small=True), picture.thumbnail)
    if known is not None:
        return known
    stated = media_type.lower() if TYPE.fullmatch(media_type.lower()) else UNSTATED
    return File.objects.create(
        workspace_id=workspace_id,
        digest=digest,
        media_type=picture.media_type if picture else stated,
        bytes_count=len(content),
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        kept_at=at,
    )


def content_of(file: File, *, is_small: bool = False) -> bytes:
    """What was kept. Raises NotKeptError."""
    try:
        return path_of(file.digest, is_small=is_small).read_bytes()
    except FileNotFoundError:
        raise NotKeptError(
            "This file is no longer in the installation's data directory. Restore media/ from the backup."
        ) from None


def path_of(digest: str, *, is_small: bool = False) -> Path:
    """Where content lies."""
    return _root() / digest[:2] / f"{digest}{SMALL if is_small else ''}"


@transaction.atomic
def forget(file: File) -> bool:
    """Remove a row that nothing refers to, and the content when no other workspace has it; whether it was removed."""
    _hold(file.digest)
    if file.attachments.exists():
        return False
    file.delete()
    if not File.objects.filter(digest=file.digest).exists():
        _remove(file.digest)
    return True


def clear(folder: str) -> int:
    """Remove content of one folder that no row speaks of any more (its workspace was removed); how many."""
    found = {path.name.removesuffix(SMALL) for path in _old(_root() / folder)}
    known = set(File.objects.filter(digest__in=found).values_list("digest", flat=True))
    removed = 0
    for digest in sorted(found - known):
        with transaction.atomic():
            _hold(digest)
            if not File.objects.filter(digest=digest).exists():
                _remove(digest)
                removed += 1
    return removed


def _old(folder: Path) -> list[Path]:
    before = time.time() - LEFT_ALONE_SECONDS
    return [path for path in folder.glob("*") if path.stat().st_mtime < before] if folder.is_dir() else []


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "files"


def _remove(digest: str) -> None:
    for is_small in (False, True):
        path_of(digest, is_small=is_small).unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by the owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _hold(digest: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"file {digest}"])
