"""A prepared question answers as Django's own way of asking does, whatever its shape."""

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from choir.people.models import Department, Membership, Person, Team
from choir.prepared import Slot, one_of, prepared
from tests.cast import Cast, cast


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


@prepared
def teams_of(organisation: Slot, slugs: Slot) -> QuerySet[Team]:
    teams = Team.objects.filter(one_of("slug", slugs), department__organisation=organisation)
    members = Membership.objects.filter(team=OuterRef("pk")).order_by("pk").values("person_id")
    return teams.select_related("department").annotate(members=ArraySubquery(members)).order_by("name")


@prepared
def sizes_of(organisation: Slot) -> QuerySet[Department, tuple[str, int]]:
    rows = Department.objects.filter(organisation=organisation).annotate(teams_count=Count("teams"))
    return rows.order_by("position", "name").values_list("name", "teams_count")


@prepared
def departments_with_people(organisation: Slot) -> QuerySet[Membership, tuple[str]]:
    rows = Membership.objects.filter(team__department__organisation=organisation)
    return rows.order_by("team__department__position", "team__name").values_list("team__department__name").distinct()


def test_models_come_with_what_they_are_joined_to_and_what_was_annotated(company: Cast) -> None:
    slugs = list(Team.objects.values_list("slug", flat=True))
    with CaptureQueriesContext(connection) as queries:
        asked = teams_of(organisation=company.organisation.pk, slugs=slugs)
        shown = [(team.pk, team.department.name, sorted(team.members)) for team in asked]  # type: ignore[attr-defined]
    assert len(queries) == 1
    assert sorted(shown) == sorted(
        (team.pk, team.department.name, sorted(member.person_id for member in team.memberships.all()))
        for team in Team.objects.filter(department__organisation=company.organisation)
    )
    assert [team.pk for team in asked] == list(
        Team.objects.filter(pk__in=[team.pk for team in asked]).order_by("name").values_list("pk", flat=True)
    )


def test_the_same_question_has_another_answer_for_other_values(company: Cast) -> None:
    one = company.teams["customer_service"]
    assert [team.pk for team in teams_of(organisation=company.organisation.pk, slugs=[one.slug])] == [one.pk]
    assert teams_of(organisation=company.organisation.pk, slugs=[]) == []
    assert teams_of(organisation=company.outsider.organisation_id, slugs=[one.slug]) == []
    assert teams_of.first(organisation=company.organisation.pk, slugs=["none of ours"]) is None


def test_rows_of_values_have_only_the_columns_asked_for(company: Cast) -> None:
    counted = sizes_of(organisation=company.organisation.pk)
    assert dict(counted) == {one.name: one.teams.count() for one in company.departments.values()}
    assert all(len(row) == 1 for row in departments_with_people(organisation=company.organisation.pk))


def test_a_row_can_be_changed_and_saved_as_any_other(company: Cast) -> None:
    team = teams_of(organisation=company.organisation.pk, slugs=[company.teams["operations"].slug])[0]
    team.name = "Operations, renamed"
    team.save()
    assert Team.objects.get(pk=team.pk).name == "Operations, renamed"
    assert Person.objects.filter(memberships__team=team).exists()


@pytest.mark.parametrize("text", ["'; DROP TABLE people_team; --", "100%", "%s", "ünïcode 🐙", "\\"])
def test_values_are_never_part_of_the_statement(company: Cast, text: str) -> None:
    assert teams_of(organisation=company.organisation.pk, slugs=[text]) == []
    assert Team.objects.exists()
