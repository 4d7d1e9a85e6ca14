"""What small tables hold is read again exactly when one of their rows changed."""

import pytest

from choir.people.models import Skill, Team
from choir.unchanged import unchanged
from tests.cast import Cast, cast


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def test_it_is_read_again_when_a_row_changed_and_only_then(company: Cast) -> None:
    reads: list[int] = []

    def read() -> int:
        reads.append(len(reads))
        return Team.objects.count()

    def asked() -> int:
        unchanged(("test", company.organisation.pk), [Team, Skill], read)
        return len(reads)

    team = Team.objects.all()[0]
    assert (asked(), asked()) == (1, 1)
    Team.objects.filter(pk=team.pk).update(position=team.position)  # even to the same value: a new version of the row
    assert (asked(), asked()) == (2, 2)
    skill = Skill.objects.create(person=company.ana, kind="language", value="eo")
    assert (asked(), asked()) == (3, 3)
    skill.delete()
    assert (asked(), asked()) == (4, 4)
    company.ana.name = "Anna"
    company.ana.save()
    assert asked() == 4
