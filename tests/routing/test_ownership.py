"""Who owns what: versions follow each other without a gap, and only the champion changes them."""

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choir.people.access import NotAllowedError
from choir.people.models import Workspace
from choir.routing.actions import OwnershipRefusedError, Scope, end_cell, set_owner, take_back
from choir.routing.decide import Cell, Contact, owning_cell, products_of, regions_of
from choir.routing.models import Ownership
from choir.routing.queries import cells_in_force
from choir.routing.scopes import ties, within
from tests.cast import NOON, Cast, cast
from tests.thoroughness import EXAMPLES

pytestmark = pytest.mark.django_db

WEEK = dt.timedelta(days=7)


@pytest.fixture
def company() -> Cast:
    return cast()


def change(company: Cast, department: str, **more: Any) -> Ownership:
    return set_owner(
        company.organisation, objective=company.objectives["care"], responsible=company.departments[department],
        because="They are quicker", **{"by": company.cho, "at": NOON, **more},
    )  # fmt: skip


def owner(company: Cast, at: dt.datetime, topic: str = "") -> object:
    return next(
        one.responsible_id
        for one in cells_in_force(company.organisation.pk, at=at)
        if (one.objective, one.topic, one.language) == ("care", topic, "")
    )


def test_a_new_version_takes_over_where_the_old_one_ends(company: Cast) -> None:
    cell = change(company, "operations", effective_from=NOON + WEEK)
    assert cell.version == 2
    assert owner(company, NOON + WEEK - dt.timedelta(seconds=1)) == company.departments["customer_service"].pk
    assert owner(company, NOON + WEEK) == company.departments["operations"].pk


def test_one_cell_is_in_force_at_any_moment(company: Cast) -> None:
    change(company, "operations")
    change(company, "legal", at=NOON + WEEK)
    for day in range(-10, 20):
        cells = [
            one
            for one in cells_in_force(company.organisation.pk, at=NOON + dt.timedelta(days=day))
            if one.objective == "care"
        ]
        assert len([one for one in cells if not one.topic]) == 1


def test_the_past_cannot_be_changed(company: Cast) -> None:
    with pytest.raises(OwnershipRefusedError, match="in the past"):
        change(company, "operations", effective_from=NOON - WEEK)


def test_a_second_planned_change_is_refused(company: Cast) -> None:
    change(company, "operations", effective_from=NOON + WEEK)
    with pytest.raises(OwnershipRefusedError, match="planned from"):
        change(company, "legal", effective_from=NOON + 2 * WEEK)


def test_a_planned_change_can_be_taken_back(company: Cast) -> None:
    take_back(change(company, "operations", effective_from=NOON + WEEK), by=company.cho, at=NOON)
    assert owner(company, NOON + 2 * WEEK) == company.departments["customer_service"].pk


def test_what_is_in_force_cannot_be_taken_back(company: Cast) -> None:
    with pytest.raises(OwnershipRefusedError, match="in force already"):
        take_back(change(company, "operations"), by=company.cho, at=NOON)


@pytest.mark.parametrize("name", ["ana", "lea", "leo", "ada", "eve"])
def test_only_the_champion_changes_ownership(company: Cast, name: str) -> None:
    with pytest.raises(NotAllowedError):
        change(company, "operations", by=company.people[name])


def test_a_champion_of_another_company_changes_nothing_here(company: Cast) -> None:
    with pytest.raises(NotAllowedError):
        change(company, "operations", by=company.outsider)


def test_a_scope_of_its_own_is_a_cell_of_its_own(company: Cast) -> None:
    cell = change(company, "customer_service", scope=Scope(topic="delivery", language="de"))
    assert (cell.version, Ownership.objects.in_force(NOON).filter(objective=company.objectives["care"]).count()) == (
        1,
        3,
    )


def test_a_tie_is_refused_until_what_both_share_has_an_owner(company: Cast) -> None:
    german = Scope(language="de")
    with pytest.raises(OwnershipRefusedError, match="Say first who owns care about delivery in German"):
        change(company, "legal", scope=german)
    assert Ownership.objects.filter(language="de").count() == 0
    decides = change(company, "legal", scope=Scope(topic="delivery", language="de"))
    change(company, "legal", scope=german)
    with pytest.raises(OwnershipRefusedError, match="It decides between care"):
        end_cell(decides, because="No longer.", by=company.cho, at=NOON)


def test_the_same_owner_on_both_sides_is_no_tie(company: Cast) -> None:
    assert change(company, "operations", scope=Scope(language="de")).version == 1


def test_a_region_is_a_market_or_a_place_and_a_product_one_of_the_terms(company: Cast) -> None:
    Workspace.objects.filter(pk=company.workspace.pk).update(market="DACH")
    change(company, "marketing", scope=Scope(topic="delivery", region="DACH"))
    change(company, "legal", scope=Scope(topic="delivery", region="DACH", product="Kettle One"))
    change(company, "legal", scope=Scope(topic="delivery", product="Kettle One"))
    cells = cells_in_force(company.organisation.pk, at=NOON)

    def owned_by(*named: tuple[str, str], market: str = "DACH") -> object:
        entities = [{"kind": kind, "name": name} for kind, name in named]
        contact = Contact(
            "care", 1.0, "delivery", "en", company.workspace.pk, company.channel.pk,
            regions_of(entities, market), products_of(entities),
        )  # fmt: skip
        cell = owning_cell(cells, contact)
        return cell and next(name for name, one in company.departments.items() if one.pk == cell.responsible_id)

    assert owned_by() == "marketing"
    assert owned_by(("product", "Kettle One")) == "legal"
    assert owned_by(market="Iberia") == "operations"
    assert owned_by(("place", "dach"), market="Iberia") == "marketing"


SCOPES: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    language=st.sampled_from(["", "de"]),
    topic=st.sampled_from(["", "delivery"]),
    region=st.sampled_from(["", "DACH", "Munich"]),
    product=st.sampled_from(["", "Kettle One"]),
    place=st.sampled_from(["", "workspace", "channel"]),
    responsible=st.integers(0, 2),
)


def a_cell(places: dict[str, uuid.UUID], told: dict[str, Any]) -> Cell:
    place = told["place"]
    return Cell(
        id=uuid.uuid4(), objective="care", workspace_id=places["workspace"] if place == "workspace" else None,
        channel_id=places["channel"] if place == "channel" else None, language=told["language"], topic=told["topic"],
        responsible_id=uuid.UUID(int=told["responsible"]), version=1, effective_from=NOON, region=told["region"],
        product=told["product"], home_id=places["workspace"] if place else None, market="DACH" if place else "",
        is_place=told["region"] == "Munich",
    )  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(SCOPES, max_size=8), st.randoms())
def test_a_matrix_saved_without_ties_has_one_most_specific_owner_for_every_contact(
    told: list[dict[str, Any]], chance: Any
) -> None:
    """Whichever way cells are listed, and whoever reads them: among all that cover a contact, the narrowest ones name
    one department."""
    places = {"workspace": uuid.uuid4(), "channel": uuid.uuid4()}
    kept: list[Cell] = []
    for one in told:
        cell = a_cell(places, one)
        others = [known for known in kept if known.scope != cell.scope]
        if not ties(cell, others):
            kept = [*others, cell]
    for language, topic, region, product in itertools.product(*(["", "x"] for _ in range(4))):
        contact = Contact(
            "care", 1.0, topic and "delivery", language and "de", places["workspace"], places["channel"],
            ("munich", "dach") if region else ("dach",), ("kettle one",) if product else (),
        )  # fmt: skip
        covering = [one for one in kept if one.covers(contact)]
        narrowest = [one for one in covering if not any(within(two, one) and not within(one, two) for two in covering)]
        regions = [one for one in narrowest if one.region]
        chance.shuffle(covering)
        decided = owning_cell(covering, contact)
        if len({one.region for one in regions}) < 2:
            assert {one.responsible_id for one in narrowest} == ({decided.responsible_id} if decided else set())
