"""Lists, counts and search: complete, exact, and only what one may see."""

import datetime as dt
import itertools
import random
import uuid

import pytest
from django.db.models import Q
from django.utils import timezone

from choir.customers.searching import tsquery
from choir.inbox.models import Conversation, Participant, State
from choir.inbox.queries import searching
from choir.inbox.queries.counting import CAP, counts, in_words
from choir.inbox.queries.listing import Order, Place, Row, page, place_from
from choir.inbox.queries.searching import customers, search
from choir.inbox.queries.seeing import sight_of
from choir.inbox.queries.thread import find
from choir.inbox.queries.wanted import Wanted, Whose, pieces, sight, visible
from choir.people.models import Person
from choir.people.policy import Permission
from tests.cast import NOON, Cast, cast
from tests.conversing import customer, opened, says


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


@pytest.fixture
def filled(company: Cast) -> Cast:
    """Sixty conversations over departments, states and people, many at equal times, some without a clock."""
    chance = random.Random(7)
    for number in range(60):
        made = opened(
            company,
            f"words {number}",
            department=chance.choice(["customer_service", "operations", "legal"]),
            assignee=chance.choice([None, company.ana, company.ben]),
            at=NOON - dt.timedelta(minutes=chance.randrange(12)),
        )
        made.due_at = chance.choice([None, NOON + dt.timedelta(minutes=chance.randrange(8))])
        made.state = chance.choice([State.OPEN, State.OPEN, State.RESOLVED, State.NOTED])
        made.save()
    brought_in = Conversation.objects.filter(department=company.departments["legal"])[0]
    Participant.objects.create(workspace=company.workspace, conversation=brought_in, person=company.ana, because="x")
    return company


def walked(wanted: Wanted, person: Person, order: Order, *, size: int = 7) -> list[Row]:
    rows, after = [], None
    while True:
        found = page(wanted, person, order=order, after=after, size=size)
        rows += found.rows
        if found.after is None:
            return rows
        after = place_from(str(found.after))


@pytest.mark.parametrize("name", ["ana", "ben", "leo", "ada", "eve", "outsider"])
def test_paging_reaches_every_visible_conversation_exactly_once(filled: Cast, name: str) -> None:
    person = getattr(filled, name)
    for whose, states in itertools.product(Whose, ((), (State.OPEN,), (State.OPEN, State.RESOLVED))):
        wanted = Wanted(filled.workspace.pk, states, whose)
        allowed = set(visible(wanted, person).values_list("pk", flat=True))
        for order in Order:
            reached = [row.pk for row in walked(wanted, person, order)]
            assert len(reached) == len(set(reached)), (whose, states, order)
            assert set(reached) == allowed, (whose, states, order)


@pytest.mark.parametrize("order", list(Order))
def test_reading_backwards_shows_the_same_pages(filled: Cast, order: Order) -> None:
    wanted = Wanted(filled.workspace.pk)
    everything = [row.pk for row in page(wanted, filled.eve, order=order, size=100).rows]
    last = page(wanted, filled.eve, order=order, size=100).rows[-1]
    backwards: list[object] = [last.pk]
    is_due = order is Order.DUE and last.due_at is not None
    before: Place | None = Place(last.due_at if is_due and last.due_at else last.last_message_at, last.pk, is_due)
    while before is not None:
        found = page(wanted, filled.eve, order=order, before=before, size=9)
        backwards = [row.pk for row in found.rows] + backwards
        before = found.before
    assert backwards == everything


def test_a_list_in_motion_shows_nothing_twice_and_hides_nothing(filled: Cast) -> None:
    wanted, chance = Wanted(filled.workspace.pk), random.Random(3)
    everything = set(visible(wanted, filled.eve).values_list("pk", flat=True))
    seen: list[object] = []
    moved: set[object] = set()
    first = page(wanted, filled.eve, size=8)
    seen += [row.pk for row in first.rows]
    after, top = first.after, first.rows[0]
    while after is not None:
        bumped = chance.choice(sorted(everything, key=str))
        Conversation.objects.filter(pk=bumped).update(last_message_at=timezone.now())
        moved.add(bumped)
        found = page(wanted, filled.eve, after=after, size=8)
        seen += [row.pk for row in found.rows]
        after = found.after
    assert len(seen) == len(set(seen))
    news = page(wanted, filled.eve, before=Place(NOON + dt.timedelta(days=1), top.pk), size=100)
    assert everything - set(seen) <= moved
    assert everything - set(seen) <= {row.pk for row in news.rows} | {
        row.pk for row in page(wanted, filled.eve, size=100).rows
    }


@pytest.mark.parametrize("name", ["ana", "ben", "mia", "leo", "ada", "eve", "cho", "outsider"])
def test_the_pieces_hold_what_visible_to_holds(filled: Cast, name: str) -> None:
    person = getattr(filled, name)
    for permission in (Permission.CONVERSATION_READ, Permission.APPROVAL_DECIDE):
        wanted = Wanted(filled.workspace.pk, permission=permission)
        allowed = Conversation.objects.visible_to(person, permission).filter(workspace=filled.workspace)
        for apart in (True, False):
            found = pieces(wanted, sight(wanted, person), apart=apart)
            together = [row for piece in found for row in piece.values_list("pk", flat=True)]
            assert set(together) == set(allowed.values_list("pk", flat=True))
            assert len(together) == len(set(together)) or not apart


@pytest.mark.parametrize("name", ["ana", "ben", "mia", "leo", "ada", "eve", "cho", "outsider"])
def test_a_conversation_is_found_exactly_by_whom_visible_to_lets_see_it(filled: Cast, name: str) -> None:
    person = getattr(filled, name)
    place = filled.workspace.pk
    found = {pk for pk in ids() if find.first(pk=pk, workspace=place, **sight_of(person)) is not None}
    allowed = Conversation.objects.visible_to(person).filter(workspace=filled.workspace)
    assert found == set(allowed.values_list("pk", flat=True))


def ids() -> list[uuid.UUID]:
    return list(Conversation.objects.values_list("pk", flat=True))


def test_counts_agree_with_lists_in_one_query(filled: Cast, django_assert_num_queries: object) -> None:
    filled.ana.access  # noqa: B018 -- read before counting queries
    questions = {
        "mine": Wanted(filled.workspace.pk, (State.OPEN,), Whose.MINE),
        "all": Wanted(filled.workspace.pk),
        "none": Wanted(filled.workspace.pk, (State.SNOOZED,)),
        "late": Wanted(filled.workspace.pk, (State.OPEN,)).narrowed(Q(due_at__lt=NOON)),
    }
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = counts(questions, filled.ana)
    assert found == {name: visible(wanted, filled.ana).count() for name, wanted in questions.items()}
    assert (in_words(CAP), in_words(3)) == ("999+", "3")


@pytest.mark.parametrize(
    "text", ["", "~", "at~x~y", "due~2026-01-01T00:00:00~no", "at~2026-01-01T00:00:00~" + "0" * 32]
)
def test_a_place_that_is_none_is_none(text: str) -> None:
    assert place_from(text) is None


@pytest.mark.parametrize(
    ("said", "looked_for"),
    [
        ("Mon colis est perdu", "colis perdu"),
        ("返品したいのですが、住所が変わりました。", "住所"),
        ("ได้รับสินค้าแล้ว", "สินค้า"),
        ("متى يصل الطرد؟", "الطرد"),
        ("“Hello” – said she", "hello"),
        ("Überraschung im Paket", "überra"),
        ("my kettle broke", '"kettle broke"'),
        ("my kettle broke", "teapot or kettle"),
        ("it's O'Brien & Söhne \\ 100%", "o'brien söhne"),
    ],
)
def test_words_are_found_in_any_script(company: Cast, said: str, looked_for: str) -> None:
    made = opened(company, said)
    opened(company, "nothing of the kind")
    assert [hit.conversation.pk for hit in search(looked_for, Wanted(company.workspace.pk), company.ana).hits] == [
        made.pk
    ]


@pytest.mark.parametrize(
    "typed", ["", "   ", "'", "\\", "!!", '"', "-", "or", "& | !", "a" * 5000, "\x00", "-kettle", "()"]
)
def test_whatever_is_typed_is_understood_or_finds_nothing(company: Cast, typed: str) -> None:
    opened(company, "a kettle")
    search(typed, Wanted(company.workspace.pk), company.ana)
    customers(typed, company.ana, Wanted(company.workspace.pk))


def test_unwanted_words_are_left_out(company: Cast) -> None:
    opened(company, "kettle with refund")
    kept = opened(company, "kettle without")
    found = search("kettle -refund", Wanted(company.workspace.pk), company.ana)
    assert [hit.conversation.pk for hit in found.hits] == [kept.pk]
    assert tsquery("kettle -refund") == "'kettle' & !'refund':*"


def test_a_conversation_with_many_hits_is_found_once_and_paging_reaches_all(company: Cast) -> None:
    who = customer(company)
    for number in range(9):
        made = opened(company, f"kettle {number}", at=NOON - dt.timedelta(hours=number))
        for again in range(3):
            says(company, made, "kettle again", at=NOON - dt.timedelta(minutes=number * 7 + again), identity=who)
    reached: list[object] = []
    after = None
    while True:
        found = search("kettle", Wanted(company.workspace.pk), company.ana, after=after, size=4)
        reached += [hit.conversation.pk for hit in found.hits]
        if found.after is None:
            break
        after = place_from(str(found.after))
    assert len(reached) == len(set(reached)) == 9


def found_by(company: Cast, wanted: Wanted, person: Person, *, size: int) -> list[tuple[object, object]]:
    reached: list[tuple[object, object]] = []
    after = None
    while True:
        found = search("kettle", wanted, person, after=after, size=size)
        reached += [(hit.conversation.pk, hit.message_id) for hit in found.hits]
        if found.after is None:
            return reached
        after = place_from(str(found.after))


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_of_searching_find_the_same_in_the_same_order(
    company: Cast, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance, who = random.Random(seed), customer(company)
    for _number in range(30):
        made = opened(
            company,
            chance.choice(["kettle", "lamp", "lamp"]),
            department=chance.choice(["customer_service", "operations"]),
            assignee=chance.choice([None, company.ana]),
            at=NOON - dt.timedelta(minutes=chance.randrange(9)),
        )
        for again in range(chance.randrange(3)):
            says(
                company,
                made,
                chance.choice(["a kettle", "a lamp"]),
                at=NOON - dt.timedelta(seconds=again),
                identity=who,
            )
        Conversation.objects.filter(pk=made.pk).update(state=chance.choice([State.OPEN, State.NOTED]))
    ways: dict[str, dict[str, object]] = {
        "walked": {"FIRST_WALK": 4, "WALKED_AT_ONCE": (3, 5), "MOST_SAID": 0},
        "walked, most of it without a hit": {
            "FIRST_WALK": 1,
            "MOST_WALKED": 2,
            "WALKED_AT_ONCE": (1, 1),
            "MOST_SAID": 0,
        },
        "by words": {"FIRST_WALK": 1, "COMMON": 0.5, "MOST_SAID": 500},
        "as measured": {},
    }
    for person in (company.ana, company.eve):
        for wanted in (Wanted(company.workspace.pk), Wanted(company.workspace.pk).narrowed(Q(state=State.NOTED))):
            rows = visible(wanted, person).filter(messages__text__contains="kettle").distinct()
            expected = list(rows.order_by("-last_message_at", "-id").values_list("pk", flat=True))
            answers = []
            for constants in ways.values():
                with monkeypatch.context() as changed:
                    for name, value in constants.items():
                        changed.setattr(searching, name, value)
                    answers.append(found_by(company, wanted, person, size=4))
            assert [conversation for conversation, _message in answers[0]] == expected
            assert all(answer == answers[0] for answer in answers)


def test_another_departments_words_and_customers_are_not_found(company: Cast) -> None:
    made = opened(company, "secret kettle", department="legal", objective="compliance")
    made.customer.name = "Zacharias Quill"
    made.customer.save()
    wanted = Wanted(company.workspace.pk)
    assert search("kettle", wanted, company.ana).hits == []
    assert customers("zacharias", company.ana, wanted) == []
    assert [one.name for one in customers("zachar", company.leo, wanted)] == ["Zacharias Quill"]
    assert search("kettle", wanted, company.outsider).hits == []
