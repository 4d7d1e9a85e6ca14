"""Who would do best: held to rows whose answer is plain, and to a recount of what the rows are."""

import uuid

import numpy as np
import pytest

from choir.measurement.question import Period, question
from choir.strategy.evidence import evidence, handled_rows, scopes_of
from choir.strategy.fit import Fit, Handled, advice, fits
from choir.triage.models import Reading
from tests.cast import cast
from tests.measurement.happening import HOUR, MONDAY, NOW, answered, begun, handed, measured, promised
from tests.strategy.test_outlook import UTC

A, B, C = (uuid.UUID(int=number) for number in (1, 2, 3))


def rows(department: uuid.UUID, good: int, bad: int, mix: str = "en") -> list[Handled]:
    return [Handled(department, number < good, (mix,)) for number in range(good + bad)]


def by_id(found: list[Fit]) -> dict[uuid.UUID, Fit]:
    return {one.department_id: one for one in found}


def test_a_clear_difference_is_advised_and_a_small_one_is_not() -> None:
    found = fits([*rows(A, 150, 100), *rows(B, 210, 40)], [A, B], A)
    given = advice(found, A)
    assert given is not None
    assert (given.verdict, given.best.department_id) == ("change", B)
    assert given.best.against_owner is not None
    assert 0.1 < given.best.against_owner.low < 0.24 < given.best.against_owner.high < 0.35
    same = advice(fits([*rows(A, 150, 100), *rows(B, 151, 100)], [A, B], A), A)
    assert same is not None
    assert same.verdict in ("keep", "pilot")


def test_ten_conversations_do_not_beat_a_thousand() -> None:
    found = by_id(fits([*rows(A, 850, 150), *rows(B, 10, 0), *rows(C, 500, 500)], [A, B, C], A))
    assert found[B].share.middle < 0.95
    assert found[B].share.high - found[B].share.low > 3 * (found[A].share.high - found[A].share.low)
    given = advice(list(found.values()), A)
    assert given is not None
    assert given.verdict != "change"


def test_whoever_is_given_the_hard_cases_is_not_blamed_for_them() -> None:
    easy_hard = [
        *rows(A, 180, 20, "easy"),
        *rows(A, 25, 25, "hard"),
        *rows(B, 45, 5, "easy"),
        *rows(B, 100, 100, "hard"),
    ]
    found = by_id(fits(easy_hard, [A, B], A))
    plain = {one.department_id: one.went_well / one.n for one in found.values()}
    assert plain[A] - plain[B] > 0.2
    assert abs(found[A].share.middle - found[B].share.middle) < 0.04


def test_chances_add_up_and_the_same_rows_say_the_same() -> None:
    chance = np.random.default_rng(3)
    some = [Handled((A, B, C)[number % 3], bool(chance.random() < 0.6), ("en",)) for number in range(60)]
    found, again = fits(some, [A, B, C], None), fits(some, [A, B, C], None)
    assert sum(one.chance_best for one in found) == pytest.approx(1)
    assert found == again
    assert all(one.against_owner is None for one in found)


def test_without_rows_nothing_is_said() -> None:
    assert fits([], [A], A) == []
    assert advice([], A) is None


@pytest.mark.django_db
def test_rows_are_of_whom_had_it_first_and_whether_it_went_well() -> None:
    company = cast()
    well, late, given_on, _ = (begun(company, MONDAY + number * HOUR) for number in range(4))
    elsewhere = begun(company, MONDAY, objective="sales")
    for one, kept in ((well, 2 * HOUR), (late, 9 * HOUR), (elsewhere, HOUR)):
        promised(company, one, due=MONDAY + 5 * HOUR, kept=MONDAY + kept)
        answered(company, one, MONDAY + kept)
    handed(company, given_on, "operations", MONDAY + 4 * HOUR)
    answered(company, given_on, MONDAY + 5 * HOUR)
    measured(company)
    asked = question(company.cho, company.workspace, Period.days_to(NOW, UTC, 10))
    whole, *_ = scopes_of(company.objectives["care"], at=NOW)
    found = handled_rows(whole, asked)
    service = company.departments["customer_service"].pk
    assert [(one.department_id, one.went_well) for one in found] == [
        (service, False),
        (service, False),
        (service, True),
    ]
    shown = evidence(whole, asked, list(company.departments.values()))
    assert shown.owner == company.departments["customer_service"]
    assert [one.n for one in shown.fits] == [3]
    assert shown.rows_count == 3


@pytest.mark.django_db
def test_where_the_matrix_splits_an_objective_each_part_is_compared_alone() -> None:
    company = cast()
    care, departments = company.objectives["care"], company.departments
    about = {"delivery": "operations", "": "customer_service", "billing": "customer_service"}
    for number, (topic, department) in enumerate([*about.items(), ("delivery", "operations")]):
        one = begun(company, MONDAY + number * HOUR, department=department)
        Reading.objects.filter(mention__in=one.messages.values("mention")).update(topic=topic)
        answered(company, one, MONDAY + (number + 1) * HOUR)
    measured(company)
    asked = question(company.cho, company.workspace, Period.days_to(NOW, UTC, 10))
    rest, delivery = (one for one in scopes_of(care, at=NOW) if one.topic in ("", "delivery"))
    assert (rest.owner, delivery.owner) == (departments["customer_service"], departments["operations"])
    for scope, owner in ((rest, "customer_service"), (delivery, "operations")):
        shown = evidence(scope, asked, list(departments.values()))
        assert {one.department_id: one.n for one in shown.fits} == {departments[owner].pk: 2}
        figures = shown.record["first_response"]  # the record is of the same conversations
        assert {key: one.n for key, one in figures.items()} == {departments[owner].pk: 2}
