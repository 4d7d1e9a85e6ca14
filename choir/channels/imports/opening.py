"""Opening a file of unknown make: what kind of file it is, whether it is compressed, and in which encoding.

Whatever had to be assumed is said in a sentence (`Opened.remarks`). What is no text at all is refused with what it is.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
FOREIGN = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook: unpack it, or save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file: save it as CSV",
    b"%PDF": "a PDF: export a table instead",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite": "an SQLite database: export a table as CSV",
    b"PAR1": "a Parquet file: save it as CSV or JSON Lines",
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it",
    b"BZh": "a bzip2 file: unpack it",
    b"\xfd7zXZ": "an xz file: unpack it",
    b"\x28\xb5\x2f\xfd": "a Zstandard file: unpack it",
}
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]


class WrongFileError(Exception):
    """The file is not what it should be; the text says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read: as what, and what was assumed. `digest` is the SHA-256 of its bytes as they lie there;
    `lines_count` counts line ends, for showing progress."""

    path: Path
    digest: str
    is_compressed: bool
    encoding: str
    errors: str
    lines_count: int
    remarks: tuple[str, ...]

    def text(self) -> IO[str]:
        """The file as text, from its beginning; line ends are left as they are."""
        return io.TextIOWrapper(_bytes(self.path, self.is_compressed), self.encoding, self.errors, newline="")


def opened(path: Path) -> Opened:
    """Look through a whole file once. Raises WrongFileError."""
    if not path.is_file():
        raise WrongFileError(f"There is no file {path}. Check the name.")
    with path.open("rb") as file:
        is_compressed = file.read(2) == GZIP
    first = _first(path, is_compressed)
    for magic, what in FOREIGN.items():
        if first.startswith(magic):
            raise WrongFileError(f"{path.name} is {what}.")
    if not first:
        raise WrongFileError(f"{path.name} is empty. There is nothing to import.")
    encoding = _marked(first)
    survey = _Survey(encoding or "utf-8")
    for chunk in _chunks(path, is_compressed):
        survey.see(chunk)
    survey.end()
    remarks: list[str] = []
    errors = "surrogateescape" if (encoding or "utf-8").startswith("utf-8") else "replace"
    if encoding is None:
        encoding = _unmarked(path, first, survey, remarks)
        errors = "surrogateescape" if encoding == "utf-8" else "replace"
    elif survey.damaged:
        remarks.append(f"{survey.damaged} damaged characters are shown as �.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Opened(path, digest, is_compressed, encoding, errors, survey.lines, tuple(remarks))


def _unmarked(path: Path, first: bytes, survey: _Survey, remarks: list[str]) -> str:
    """The encoding of a file that does not say it: UTF-8 unless its bytes speak against it."""
    if survey.nuls > survey.bytes // 4:
        even = first[0::2].count(0)
        wide = "utf-16-be" if even > len(first) // 4 else "utf-16-le"
        remarks.append(f"It has no byte order mark and reads as {wide.upper()}.")
        return wide
    if survey.nuls > 16 and survey.nuls > survey.bytes // 1000:
        raise WrongFileError(f"{path.name} is not a text file. CSV or JSON Lines is needed.")
    if not survey.damaged:
        return "utf-8"
    if survey.foreign >= survey.damaged:
        remarks.append(f"It is UTF-8 with {survey.damaged} damaged characters, which are shown as �.")
        return "utf-8"
    remarks.append("It is not UTF-8; it was read as Windows-1252 (Western European). Look at a few names with accents.")
    return "cp1252"


class _Survey:
    """Counts what tells an encoding: characters beyond ASCII, damaged ones, NULs, lines."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self.bytes = self.nuls = self.lines = self.foreign = self.damaged = 0

    def see(self, chunk: bytes, *, is_last: bool = False) -> None:
        self.bytes += len(chunk)
        self.nuls += chunk.count(0)
        self.lines += chunk.count(b"\n")
        text = self._decoder.decode(chunk, is_last)
        if not text.isascii():
            damaged = text.count("\ufffd")
            self.damaged += damaged
            self.foreign += sum(1 for character in text if character > "\x7f") - damaged

    def end(self) -> None:
        self.see(b"", is_last=True)


def _marked(first: bytes) -> str | None:
    return next((encoding for mark, encoding in MARKS if first.startswith(mark)), None)


def _first(path: Path, is_compressed: bool) -> bytes:
    return next(_chunks(path, is_compressed, size=4096), b"")


def _bytes(path: Path, is_compressed: bool) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if is_compressed else path.open("rb")


def _chunks(path: Path, is_compressed: bool, *, size: int = CHUNK) -> Iterator[bytes]:
    try:
        with _bytes(path, is_compressed) as file:
            while chunk := file.read(size):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise WrongFileError(
            f"{path.name} is a damaged gzip file ({error}). Nothing was imported; get the file again."
        ) from error
