"""Pictures that go out on X: handed over and described first, then named in the post. One that no post names is seen by
nobody, and X forgets it after a day, so that a worker that died in between leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Sequence

from choir.channels.contract import Attachment, RejectedError, TemporaryError
from choir.channels.exchange import Exchange, promised_shape

MOST_IN_A_POST, MOST_IN_A_MESSAGE = 4, 1
LONGEST_HANDING_OVER_SECONDS = 45  # so that the post itself still ends within the lease of its delivery


def handed_over(exchange: Exchange, media: Sequence[Attachment], *, is_private: bool) -> list[str]:
    """The ids under which X has these pictures for one post or direct message. Raises RejectedError before anything is
    handed over when they are too many."""
    most = MOST_IN_A_MESSAGE if is_private else MOST_IN_A_POST
    if len(media) > most:
        raise RejectedError(f"X takes {most} pictures at once here, not {len(media)}. Take some out.")
    began = time.monotonic()
    ids = [_handed_over(exchange, one, category="dm_image" if is_private else "tweet_image") for one in media]
    if time.monotonic() - began > LONGEST_HANDING_OVER_SECONDS:
        raise TemporaryError("X took too long to take the pictures, so nothing was posted.", may_have_happened=False)
    return ids


def _handed_over(exchange: Exchange, picture: Attachment, *, category: str) -> str:
    stated = {"media_category": category, "media_type": picture.media_type}
    answer = exchange.post_file("/2/media/upload", stated, ("media", picture), writes=False)
    with promised_shape("X"):
        made = str(answer["data"]["id"])
    if picture.alt_text:
        exchange.post("/2/media/metadata", {"id": made, "metadata": {"alt_text": {"text": picture.alt_text}}})
    return made
