"""Pictures: what a content really is, a small copy of it, and one that is fit to be sent. Pillow decodes; what claims
more points than any camera makes is not decoded at all."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
"""What every browser shows, by Pillow's names. Vector pictures are programs and never shown."""

MOST_POINTS = 64_000_000  # a telephone's largest have 50 million; decoded, this takes a quarter of a gigabyte
THUMBNAIL = (640, 480)
LONGEST_SIDE = 2048  # of what is sent: no network shows more
QUALITIES = (88, 80, 70, 60)
SHRINKS = (1.0, 0.75, 0.5, 0.35)
TOO_MANY_POINTS = f"It claims more than {MOST_POINTS / 1e6:.0f} million points, so it is not opened."
UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError)


class NoPictureError(Exception):
    """The content cannot be shown or sent as a picture. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a content turned out to be: its type, its size as it is looked at, and a small copy (WebP)."""

    media_type: str
    width: int
    height: int
    thumbnail: bytes


def read(content: bytes) -> Picture:
    """Look at a picture and make its small copy. Raises NoPictureError."""
    with _opened(content) as image:
        media_type = FORMATS[str(image.format)]
        size = _upright_size(image)
        image.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))  # a JPEG is decoded no larger than it is needed
        small = _decoded(image)
    small.thumbnail(THUMBNAIL)
    return Picture(media_type, *size, thumbnail=_written(small, "WEBP", quality=80))


def fit_to_send(content: bytes, *, most_bytes: int, may_move: bool = True) -> tuple[bytes, str]:
    """The picture as it may leave, and its type: without where and with what it was taken, and no larger than the
    network takes. One that moves stays as it is, where it may. Raises NoPictureError."""
    with _opened(content) as image:
        kind = str(image.format)
        if getattr(image, "is_animated", False):
            if not may_move:
                raise NoPictureError("It moves, and the network takes pictures that stand still. Choose another one.")
            if len(content) > most_bytes:
                raise NoPictureError(
                    f"It moves and has {len(content) / 1024**2:.1f} MB; the network takes {most_bytes / 1024**2:.1f} "
                    "MB. Make it shorter or smaller."
                )
            return content, FORMATS[kind]
        whole = _decoded(image)
    whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if kind == "PNG" and len(written := _written(whole, "PNG", optimize=True)) <= most_bytes:
        return written, "image/png"
    flat = _on_white(whole)
    for shrink in SHRINKS:
        smaller = flat.resize((max(1, int(flat.width * shrink)), max(1, int(flat.height * shrink))))
        for quality in QUALITIES:
            if len(written := _written(smaller, "JPEG", quality=quality, optimize=True)) <= most_bytes:
                return written, "image/jpeg"
    raise NoPictureError("It cannot be made small enough for the network. Choose another picture.")


def _opened(content: bytes) -> Image.Image:
    """The picture with nothing but its head read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # counted here
            image = Image.open(BytesIO(content), formats=tuple(FORMATS))
    except Image.DecompressionBombError:  # Pillow's own bound lies far above ours
        raise NoPictureError(TOO_MANY_POINTS) from None
    except UNREADABLE:
        raise NoPictureError("It is no picture that can be shown (JPEG, PNG, GIF or WebP).") from None
    if image.width * image.height > MOST_POINTS:
        raise NoPictureError(TOO_MANY_POINTS)
    return image


def _upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as it is looked at: cameras state how they were held."""
    try:
        sideways = image.getexif().get(0x0112) in (5, 6, 7, 8)
    except UNREADABLE:
        sideways = False
    return (image.height, image.width) if sideways else (image.width, image.height)


def _decoded(image: Image.Image) -> Image.Image:
    """Its first frame, upright, in colours that every format can hold."""
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        has_holes = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
        return upright.convert("RGBA" if has_holes else "RGB")
    except UNREADABLE:
        raise NoPictureError("It is broken: it cannot be read to its end.") from None


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _written(image: Image.Image, kind: str, **options: int | bool) -> bytes:
    into = BytesIO()
    image.save(into, kind, **options)
    return into.getvalue()
