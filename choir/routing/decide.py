"""Which department owns a contact: pure decisions over the ownership matrix. The most specific scope wins."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from choir.routing.choose import language_name


@dataclass(frozen=True, slots=True)
class Contact:
    """What ownership looks at: what the contact is for, and where it came from. Regions and products are folded names:
    what the text names, in its order, the regions ended by the market of the workspace."""

    objective: str
    confidence: float
    topic: str
    language: str
    workspace_id: uuid.UUID
    channel_id: uuid.UUID
    regions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


def regions_of(entities: Iterable[Mapping[str, str]], market: str) -> tuple[str, ...]:
    """Where a contact is from: the places that its text names, then the market of its workspace."""
    places = [one["name"].casefold() for one in entities if one["kind"] == "place"]
    return tuple(dict.fromkeys([*places, market.casefold()] if market else places))


def products_of(entities: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """The products that a contact names."""
    return tuple(dict.fromkeys(one["name"].casefold() for one in entities if one["kind"] == "product"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One version of one cell of the matrix, as routing reads it. Empty scope fields mean “any”."""

    id: uuid.UUID
    objective: str
    workspace_id: uuid.UUID | None
    channel_id: uuid.UUID | None
    language: str
    topic: str
    responsible_id: uuid.UUID
    version: int
    effective_from: dt.datetime
    region: str = ""
    product: str = ""
    home_id: uuid.UUID | None = None  # the workspace, or the one that the channel is of
    market: str = ""  # of that workspace
    is_place: bool = False  # the region is a place that texts name, and no workspace's market
    channel_name: str = ""
    workspace_name: str = ""
    decision_id: uuid.UUID | None = None
    decision_number: int | None = None

    @property
    def scope(self) -> tuple[object, ...]:
        """The objective and where the cell holds."""
        where = (self.workspace_id, self.channel_id, self.language, self.topic, self.region, self.product)
        return self.objective, *where

    @property
    def specificity(self) -> int:
        """How narrow the scope is. Whatever lies within another scope has the larger value; between scopes of which
        neither lies within the other, saving refuses different departments (`choir.routing.scopes`), and where none
        refused, the order channel, product, topic, language, workspace, region decides."""
        return (
            32 * bool(self.channel_id) + 16 * bool(self.product) + 8 * bool(self.topic) + 4 * bool(self.language)
            + 2 * bool(self.workspace_id) + bool(self.region)
        )  # fmt: skip

    @property
    def scope_words(self) -> str:
        """The scope in words, empty for “anything”: “about delivery of Kettle One in German on Instagram”."""
        parts = [f"about {self.topic.replace('_', ' ')}"] if self.topic else []
        parts += [f"{'of' if self.topic else 'about'} {self.product}"] if self.product else []
        parts += [f"in {language_name(self.language)}"] if self.language else []
        parts += [f"in {self.region}"] if self.region else []
        parts += [f"on {self.channel_name}"] if self.channel_name else []
        parts += [f"at {self.workspace_name}"] if self.workspace_name else []
        return " ".join(parts)

    def covers(self, contact: Contact) -> bool:
        """Whether the contact lies in the cell's scope."""
        return (
            self.objective == contact.objective
            and self.workspace_id in (None, contact.workspace_id)
            and self.channel_id in (None, contact.channel_id)
            and self.language in ("", contact.language)
            and self.topic in ("", contact.topic)
            and (not self.region or self.region.casefold() in contact.regions)
            and (not self.product or self.product.casefold() in contact.products)
        )

    def fits(self, contact: Contact) -> tuple[int, int, int]:
        """How well the cell fits a contact that it covers: the narrower the better, then the product, then the region
        that is named first."""
        product = contact.products.index(self.product.casefold()) if self.product else 0
        region = contact.regions.index(self.region.casefold()) if self.region else 0
        return self.specificity, -product, -region


def owning_cell(cells: Iterable[Cell], contact: Contact) -> Cell | None:
    """The cell that decides, or None where the matrix has a gap."""
    covering = (cell for cell in cells if cell.covers(contact))
    return max(covering, key=lambda cell: cell.fits(contact), default=None)


@dataclass(frozen=True, slots=True)
class Promise:
    """An SLA policy as routing reads it."""

    id: uuid.UUID
    objective: str
    urgency_at_least: int
    first_response_seconds: int
    resolution_seconds: int | None
    hours: str


def fitting_promise(promises: Sequence[Promise], *, objective: str, urgency: int) -> Promise | None:
    """The SLA policy that counts: one for the objective before one for all, then the highest urgency reached."""
    fitting = [one for one in promises if one.objective in ("", objective) and urgency >= one.urgency_at_least]
    return max(fitting, key=lambda one: (bool(one.objective), one.urgency_at_least), default=None)
