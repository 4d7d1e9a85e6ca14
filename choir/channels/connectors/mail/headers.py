"""Header fields of a mail as text, whatever their charset and however broken; addresses; ids. Pure, never raises."""

from __future__ import annotations

import binascii
import codecs
import email.errors
import email.header
import email.utils
import re
from email.message import Message

ID = re.compile(r"<([^<>\s\x00-\x1f]{1,900})>")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e]+")
FALLBACKS = ("utf-8", "cp1252")
# What mail programmes call charsets that Python knows by another name, or knows a better superset of.
CHARSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-8859-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-user-defined": "cp1252",
    "cp-850": "cp850",
    "ansi_x3.110-1983": "cp1252",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
    "binary": "utf-8",
}
TEXT_CODECS = frozenset({"rot13", "rot-13", "rot_13", "idna", "punycode", "unicode_escape", "raw_unicode_escape"})


def decode(content: bytes, charset: str) -> str:
    """Bytes as text: in the charset stated, else UTF-8, else as Windows would have it; nothing is dropped."""
    stated = charset.strip().strip("'\"").lower()
    for name in (CHARSETS.get(stated, stated), *FALLBACKS):
        try:
            if name and codecs.lookup(name)._is_text_encoding and name not in TEXT_CODECS:
                return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def fields(message: Message) -> dict[str, list[str]]:
    """Every header field by its name in small letters, as it stands in the mail, folding undone."""
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), []).append(_eight_bit(str(value)).replace("\r", "").replace("\n", ""))
    return found


def first(stated: dict[str, list[str]], name: str) -> str:
    """The first field of a name, "" where there is none."""
    return stated.get(name, [""])[0].strip()


def words(value: str) -> str:
    """A field's text with its encoded words (RFC 2047) read and without control characters."""
    try:
        parts = email.header.decode_header(value)
    except (email.errors.HeaderParseError, binascii.Error, ValueError):
        parts = [(value, None)]
    text = "".join(part if isinstance(part, str) else decode(part, charset or "utf-8") for part, charset in parts)
    return CONTROL.sub(" ", text).strip()


def addresses(*values: str) -> list[tuple[str, str]]:
    """(name, address in small letters) of each address in fields; addresses are split before names are read, because a
    name may contain a comma."""
    found = []
    for name, address in email.utils.getaddresses(list(values)):
        cleaned = CONTROL.sub("", address).strip().lower()
        if is_address(cleaned):
            found.append((words(name).strip("\"' "), cleaned))
    return found


def is_address(address: str) -> bool:
    """Whether it can be written to: one @, no blanks, nothing that would end a header or an SMTP command."""
    local, _, domain = address.rpartition("@")
    plain = all(character.isprintable() and character not in ' <>()[],;:"\\' for character in address)
    return bool(local and domain) and plain and len(address) <= 254 and "@" not in local


def ids(value: str) -> list[str]:
    """The message ids in a field, in their order and without their angle brackets."""
    return list(dict.fromkeys(ID.findall(value)))


def _eight_bit(value: str) -> str:
    """A field that holds bytes beyond ASCII as they came (surrogates), read as UTF-8 or as Windows would have it."""
    if value.isascii():
        return value
    try:
        return decode(value.encode("ascii", "surrogateescape"), "")
    except UnicodeEncodeError:
        return value
