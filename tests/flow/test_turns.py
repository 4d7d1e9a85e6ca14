"""One thread of a process moves a step at a time, and nobody who came meanwhile is forgotten."""

from choir.flow.turns import Turn


def test_who_comes_while_it_is_taken_gets_another_round() -> None:
    turn = Turn()
    assert turn.take()
    assert not turn.take()
    assert not turn.take()
    assert turn.goes_on()  # one round for both
    assert not turn.goes_on()
    assert turn.take()


def test_after_a_failure_it_is_free_and_tells_who_was_left() -> None:
    turn = Turn()
    assert turn.take()
    assert not turn.give_back()
    assert turn.take()
    assert not turn.take()
    assert turn.give_back()
    assert turn.take()
