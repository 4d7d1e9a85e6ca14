"""Listening only, and only to what the importer stored."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from choir.channels.contract import Account, Item, Raw

mapping = importlib.import_module("choir.channels.connectors.import.mapping")  # its folder's name is a keyword


class Connector:
    """One import channel."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"import.Connector({self._account.handle})"

    def items(self, raw: Raw) -> Sequence[Item]:
        """What the row says."""
        items: Sequence[Item] = mapping.items_of(raw)
        return items
