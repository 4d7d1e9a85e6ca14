"""Which person: room by weight, turns by turn, whoever knows the customer; always with the reason."""

import datetime as dt
import uuid
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from choir.routing.choose import ALIKE, Candidate, choose
from choir.routing.load import takes
from tests.cast import NOON
from tests.thoroughness import EXAMPLES


def somebody(name: str, **more: Any) -> Candidate:
    return Candidate(**{"id": uuid.uuid4(), "name": name, "is_online": True, "capacity": 10, **more})


def given_to(candidates: list[Candidate], **more: Any) -> str:
    choice = choose(candidates, **{"language": "", "topic": "", **more})
    return choice.candidate.name if choice.candidate else choice.because


def test_what_is_urgent_takes_more_and_what_waits_for_the_customer_little() -> None:
    assert takes(1, urgency=0, is_our_turn=True) == 1
    assert takes(2, urgency=2, is_our_turn=True) == 3
    assert takes(2, urgency=0, is_our_turn=False) == 0.5


def test_a_heavy_one_goes_to_whom_it_still_fits() -> None:
    people = [somebody("Ana", held=8.5), somebody("Ben", held=7)]
    assert given_to(people, weight=3) == "Ben"
    assert "hands full" in given_to(people, weight=4)
    assert given_to([somebody("Cem", capacity=2)], weight=4) == "Cem"


def test_among_those_with_about_as_much_room_whoever_was_given_least_is_next() -> None:
    quick, slow = somebody("Ana", held=1, given=9), somebody("Ben", held=3, given=4)
    choice = choose([quick, slow], language="", topic="")
    assert choice.because == "Ben has room (3 of 10) and was given least today"
    slow.held = 6
    assert given_to([quick, slow]) == "Ana"


def test_whoever_knows_the_customer_has_them_again_and_why_not_is_said() -> None:
    knows, other = somebody("Ana", held=5, given=9), somebody("Ben")
    assert given_to([knows, other], knows_customer=knows.id) == "Ana"
    knows.held = 10
    choice = choose([knows, other], language="", topic="", knows_customer=knows.id)
    assert choice.because == "Ben has room (0 of 10) (Ana, who knows this customer, is busy)"
    knows.is_online = False
    assert (
        "Ana, who knows this customer, is away"
        in choose([knows, other], language="", topic="", knows_customer=knows.id).because
    )


def test_whoever_had_it_before_is_not_asked_again() -> None:
    ana = somebody("Ana")
    assert "had it before" in given_to([ana], not_again=frozenset({ana.id}))


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    capacities=st.lists(st.integers(1, 12), min_size=2, max_size=5),
    weights=st.lists(st.sampled_from([0.5, 1.0, 1.5, 3.0]), min_size=20, max_size=120),
    pace=st.lists(st.integers(1, 4), min_size=5, max_size=5),
)
def test_work_is_shared_by_capacity_however_quickly_somebody_finishes(
    capacities: list[int], weights: list[float], pace: list[int]
) -> None:
    """Everybody finishes at their own pace; nobody ever holds more than they can, and nobody who had room all along was
    given less for their capacity than another by more than a heavy conversation each."""
    people = [somebody(f"P{at}", capacity=capacity) for at, capacity in enumerate(capacities)]
    finishing: list[tuple[int, Candidate, float]] = []
    starved: set[uuid.UUID] = set()
    for moment, weight in enumerate(weights):
        for due, one, share in [entry for entry in finishing if entry[0] <= moment]:
            one.held = max(0.0, one.held - share)
            finishing.remove((due, one, share))
        choice = choose(people, language="", topic="", weight=weight)
        lightest = min(one.load for one in people)
        starved |= {one.id for one in people if not one.has_room(weight) or one.load > lightest + ALIKE}
        if (best := choice.candidate) is None:
            continue
        before = best.held
        best.held, best.given = best.held + weight, best.given + weight
        best.last_given_at = NOON + dt.timedelta(minutes=moment)
        assert before == 0 or best.held <= best.capacity
        finishing.append((moment + pace[people.index(best)], best, weight))
    level = [one for one in people if one.id not in starved]
    for one in level:
        for other in level:
            assert one.turn - other.turn <= 3.0 / one.capacity + 0.001


def test_where_nobody_has_any_capacity_nobody_is_waited_for() -> None:
    assert given_to([somebody("Ana", capacity=0)]) == "nobody of the team is given work by itself; somebody takes it"
