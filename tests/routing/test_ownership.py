"""Who owns what: versions follow each other without a gap, and only the champion changes them."""

import datetime as dt
from typing import Any

import pytest

from choir.people.access import NotAllowedError
from choir.routing.actions import OwnershipRefusedError, Scope, set_owner, take_back
from choir.routing.models import Ownership
from choir.routing.queries import cells_in_force
from tests.cast import NOON, Cast, cast

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
    cell = change(company, "legal", scope=Scope(language="de"))
    assert (cell.version, Ownership.objects.in_force(NOON).filter(objective=company.objectives["care"]).count()) == (
        1,
        3,
    )
