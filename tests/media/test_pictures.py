"""Pictures: what they really are, made small, made fit to send; and what is not opened at all."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from choir.media import pictures


def drawn(size: tuple[int, int] = (800, 600), kind: str = "PNG", **options: object) -> bytes:
    """A picture of one colour."""
    into = BytesIO()
    Image.new("RGB", size, "teal").save(into, kind, **options)
    return into.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose head claims a size that its few bytes do not have."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def test_a_picture_is_what_its_bytes_say_and_gets_a_small_copy() -> None:
    found = pictures.read(drawn((2000, 1000), "JPEG"))
    assert (found.media_type, found.width, found.height) == ("image/jpeg", 2000, 1000)
    with Image.open(BytesIO(found.thumbnail)) as small:
        assert (small.format, small.size) == ("WEBP", (640, 320))


def test_a_picture_held_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = pictures.read(drawn((800, 400), "JPEG", exif=exif))
    assert (found.width, found.height) == (400, 800)


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", drawn()[:200]])
def test_what_is_no_whole_picture_is_none(content: bytes) -> None:
    with pytest.raises(pictures.NoPictureError):
        pictures.read(content)


def test_a_decompression_bomb_is_not_opened() -> None:
    with pytest.raises(pictures.NoPictureError, match="million points"):
        pictures.read(bomb(60_000, 60_000))


def test_what_is_sent_says_neither_where_nor_with_what_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Some camera"
    sent, kind = pictures.fit_to_send(drawn((300, 200), "JPEG", exif=exif), most_bytes=1_000_000)
    assert (kind, b"Some camera" in sent) == ("image/jpeg", False)


def test_what_is_sent_is_made_as_small_as_the_network_wants_it() -> None:
    noisy = BytesIO()
    Image.effect_noise((600, 450), 90).save(noisy, "PNG")
    sent, kind = pictures.fit_to_send(noisy.getvalue(), most_bytes=40_000)
    assert kind == "image/jpeg"
    assert len(sent) <= 40_000
