"""Credentials at rest: encrypted with keys that live outside the database (MultiFernet, newest key first)."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnreadableSecretError(Exception):
    """The stored credentials cannot be decrypted with this installation's keys."""


def _box() -> MultiFernet:
    cipher: MultiFernet = settings.KEYRING.cipher
    return cipher


def seal(values: dict[str, str]) -> bytes:
    """Encrypt a connector's credentials; empty in, empty out."""
    return _box().encrypt(json.dumps(values).encode()) if values else b""


def open_sealed(sealed: bytes) -> dict[str, str]:
    """Decrypt what `seal` made. Raises UnreadableSecretError when no key of this installation fits."""
    if not sealed:
        return {}
    try:
        values: dict[str, str] = json.loads(_box().decrypt(sealed))
    except InvalidToken as error:
        raise UnreadableSecretError(
            "The stored sign-in cannot be decrypted: the installation's encryption key has changed. "
            "Restore keys/ from the backup, or connect the channel again."
        ) from error
    return values


def seal_anew(sealed: bytes) -> bytes:
    """The same credentials under the newest key. Raises UnreadableSecretError when no key of this installation fits."""
    return seal(open_sealed(sealed))


def is_sealed_with(sealed: bytes, key: str) -> bool:
    """Whether this key alone opens it."""
    try:
        Fernet(key).decrypt(sealed)
    except InvalidToken:
        return False
    return True
