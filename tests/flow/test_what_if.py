"""What if: where conversations would go under another matrix, whose time that takes, and what would be missing."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from choir.flow.route import route
from choir.flow.traffic import behind
from choir.flow.what_if import Assuming, Consequences, consequences
from choir.inbox.models import Conversation, Direction, Message
from choir.measurement.models import Course
from choir.people.models import Person
from choir.routing.decide import Cell
from choir.routing.queries import cells_in_force
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, read_as

pytestmark = pytest.mark.django_db
SINCE, UNTIL = NOON - dt.timedelta(days=1), NOON + dt.timedelta(days=1)


@pytest.fixture
def company() -> Cast:
    return cast()


def came(company: Cast, count: int, **reading: object) -> list[Conversation]:
    made = [arrived(company, "Where is my parcel?") for _ in range(count)]
    for one in made:
        kept = read_as(company, one.messages.get())
        Reading.objects.filter(pk=kept.pk).update(**reading)
    route(at=NOON)
    for one in made:
        one.refresh_from_db()
    return made


def answered(company: Cast, made: list[Conversation], *, seconds: list[int], answers: int) -> None:
    """As measured: each answered by its department after so long, in so many answers."""
    for one, waited in zip(made, seconds, strict=True):
        Course.objects.create(
            workspace=company.workspace, conversation=one, channel=one.channel, objective=one.objective,
            department=one.department, arrived_at=NOON, needed_reply=True, answers_count=answers,
            answered_at=NOON, answering_department=one.department, first_response_seconds=waited,
            first_response_business_seconds=waited, measured_at=NOON,
        )  # fmt: skip


def proposed(company: Cast, *, responsible: str, topic: str = "") -> list[Cell]:
    owner = company.departments[responsible].pk
    kept = [
        one for one in cells_in_force(company.organisation.pk, at=NOON) if (one.objective, one.topic) != ("care", topic)
    ]
    return [*kept, Cell(kept[0].id, "care", None, None, "", topic, owner, 0, NOON)]


def tried(company: Cast, *, minutes: float = 12, **draft: str) -> Consequences:
    before = cells_in_force(company.organisation.pk, at=NOON)
    return consequences(
        company.workspace, before=before, after=proposed(company, **draft), assuming=Assuming(minutes), at=UNTIL
    )


def test_only_what_the_draft_covers_moves_and_each_count_opens_to_its_rows(company: Cast) -> None:
    billing = came(company, 3, topic="billing")
    came(company, 2, topic="delivery")
    found = tried(company, responsible="operations", topic="billing").traffic
    services, operations = company.departments["customer_service"].pk, company.departments["operations"].pk
    assert found.looked_at == 5
    assert dict(found.moves) == {(services, operations): 3, (operations, operations): 2}
    moved = [one for one in found.placed if one.before != one.after]
    rows = behind(company.workspace, found, moved, since=SINCE, until=UNTIL)
    assert set(rows.values_list("pk", flat=True)) == {one.pk for one in billing}


def test_what_triage_is_unsure_of_stays_with_the_sorting_team(company: Cast) -> None:
    came(company, 2, topic="billing", objective_confidence=0.1)
    assert tried(company, responsible="operations", topic="billing").traffic.looked_at == 0


def test_a_draft_for_what_nobody_owns_counts_it(company: Cast) -> None:
    company.objectives["care"].ownership.filter(topic="").delete()
    came(company, 2, topic="billing")
    found = tried(company, responsible="operations", topic="billing").traffic
    assert found.moves == {(None, company.departments["operations"].pk): 2}
    assert behind(company.workspace, found, found.placed, since=SINCE, until=UNTIL).count() == 2


def test_a_cell_about_a_product_moves_what_names_it(company: Cast) -> None:
    lamps = came(company, 2, entities=[{"kind": "product", "name": "Lumen One", "said": "lamp"}])
    came(company, 3, entities=[{"kind": "order", "name": "4711", "said": "4711"}])
    before = cells_in_force(company.organisation.pk, at=NOON)
    care = next(one for one in before if (one.objective, one.topic) == ("care", ""))
    lamp = replace(care, product="lumen one", responsible_id=company.departments["operations"].pk)
    found = consequences(company.workspace, before=before, after=[*before, lamp], at=UNTIL).traffic
    assert (found.looked_at, found.moved) == (5, 2)
    moved = [one for one in found.placed if one.before != one.after]
    rows = behind(company.workspace, found, moved, since=SINCE, until=UNTIL)
    assert set(rows.values_list("pk", flat=True)) == {one.pk for one in lamps}


def test_load_goes_from_team_to_team_by_what_its_conversations_took(company: Cast) -> None:
    answered(company, came(company, 9, topic="billing"), seconds=[600] * 9, answers=1)
    answered(company, came(company, 9, topic="delivery"), seconds=[600] * 9, answers=3)
    found = tried(company, minutes=20, responsible="operations", topic="billing")
    loads = {one.team.slug: one for one in found.loads}
    # 18 conversations took 36 answers: two each are 20 minutes, so one is 10 and three are 30. 90 days are 12.86 weeks.
    assert loads["customer_service"].hours == pytest.approx([9 / (90 / 7) * 10 / 60, 0])
    assert loads["operations"].hours == pytest.approx([9 / (90 / 7) * 0.5, 18 / (90 / 7) * 0.5])
    assert loads["operations"].capacity_hours == 30  # Ben alone


def test_load_is_the_recorded_work_where_there_is_any(company: Cast) -> None:
    billing = came(company, 9, topic="billing")
    answered(company, billing, seconds=[600] * 9, answers=2)
    for one in billing:
        Message.objects.create(
            workspace=company.workspace, conversation=one, direction=Direction.OUTBOUND, text="It is coming.",
            at=NOON, sent_at=NOON, handling_seconds=180,
        )  # fmt: skip
    found = tried(company, minutes=60, responsible="operations", topic="billing")
    loads = {one.team.slug: one for one in found.loads}
    # Two answers of three minutes each; operations has no record of its own and is given everybody's.
    assert loads["customer_service"].hours == pytest.approx([9 / (90 / 7) * 0.1, 0])
    assert loads["operations"].hours == pytest.approx([0, 9 / (90 / 7) * 0.1])
    assert not found.assumes_minutes
    assert tried(company, responsible="operations", topic="delivery").recorded is not None


def test_a_quicker_department_is_expected_to_stay_quicker_and_dearer_time_costs_more(company: Cast) -> None:
    Person.objects.filter(pk=company.ana.pk).update(hourly_cost=Decimal(20))
    Person.objects.filter(pk=company.ben.pk).update(hourly_cost=Decimal(40))
    answered(company, came(company, 40, topic="billing"), seconds=list(range(4000, 8000, 100)), answers=1)
    answered(company, came(company, 40, topic="delivery"), seconds=list(range(400, 800, 10)), answers=1)
    found = tried(company, responsible="operations", topic="billing")
    assert found.first_response is not None
    assert found.first_response.after.middle == pytest.approx(600, rel=0.1)
    assert found.first_response.change.high < 0
    assert found.weekly_cost is not None
    assert found.weekly_cost.before.middle == pytest.approx(40 / (90 / 7) * 0.2 * (20 + 40))
    assert found.weekly_cost.after.middle == pytest.approx(40 / (90 / 7) * 0.2 * (40 + 40))
    assert found.borrowed == []


def test_a_department_without_a_record_is_named_and_its_range_is_wide(company: Cast) -> None:
    answered(company, came(company, 40, topic="billing"), seconds=list(range(4000, 8000, 100)), answers=1)
    found = tried(company, responsible="legal", topic="billing")
    assert found.borrowed == [(company.departments["legal"].pk, "care")]
    assert found.first_response is not None
    assert found.first_response.change.low < 0 < found.first_response.change.high


def test_languages_topics_and_teams_that_are_missing_are_counted(company: Cast) -> None:
    came(company, 2, topic="billing", language="de")
    found = tried(company, responsible="operations", topic="billing")
    assert {(one.kind, one.value, one.n) for one in found.missing} == {("language", "de", 2), ("topic", "billing", 2)}
    company.ben.memberships.all().delete()
    found = tried(company, responsible="operations", topic="billing")
    assert [(one.kind, one.n) for one in found.missing] == [("team", 2)]
