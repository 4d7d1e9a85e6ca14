"""The way in to an installation in which nobody is yet: an address that only who reads its terminal or log knows."""

import hashlib
import hmac

import psycopg

PLACE = "begin"


def token_to_begin(secret_key: str) -> str:
    """The last part of the address at which the first person is made; the same until the secret key changes."""
    return hmac.new(secret_key.encode(), b"the first person of this installation", hashlib.sha256).hexdigest()[:32]


def nobody_is_here(url: str) -> bool:
    """True while no person who could sign in is in the database; its tables must be there."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT NOT EXISTS (SELECT FROM people_person)").fetchone() == (True,)
