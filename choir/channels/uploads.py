"""Uploaded files of history, kept in media until their import is over."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from choir.ids import new_id

LARGEST_MEGABYTES = 500
NAME = re.compile(r"[0-9a-f-]{36}--[\w.-]{1,100}")


class TooLargeUploadError(Exception):
    """The file is larger than is taken over the web."""


def keep_upload(workspace_id: uuid.UUID, *, name: str, chunks: Iterable[bytes]) -> str:
    """Store an uploaded file; the name it is kept under, which nobody can guess."""
    folder = _folder(workspace_id)
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w.-]+", "-", Path(name).name)[-100:] or "file"
    stored_as = f"{new_id()}--{plain}"
    size = 0
    try:
        with (folder / stored_as).open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_MEGABYTES * 1024 * 1024:
                    raise TooLargeUploadError(
                        f"{name} is larger than {LARGEST_MEGABYTES} MB. Import it on the server: choir import."
                    )
                file.write(chunk)
    except BaseException:
        (folder / stored_as).unlink(missing_ok=True)
        raise
    return stored_as


def upload_path(workspace_id: uuid.UUID, stored_as: str) -> Path | None:
    """Where an uploaded file of a workspace is; None when there is none of that name."""
    if not NAME.fullmatch(stored_as):
        return None
    path = _folder(workspace_id) / stored_as
    return path if path.is_file() else None


def forget_upload(workspace_id: uuid.UUID, stored_as: str) -> None:
    """Remove an uploaded file; what was in it is in the arrivals."""
    if path := upload_path(workspace_id, stored_as):
        path.unlink(missing_ok=True)


def _folder(workspace_id: uuid.UUID) -> Path:
    return Path(settings.MEDIA_ROOT) / "imports" / str(workspace_id)
