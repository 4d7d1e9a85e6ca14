"""What corrections teach: fitted to examples, judged on others, kept in versions, rolled back."""

import datetime as dt

import numpy as np
import pytest

from choir.flow.correct import correct
from choir.flow.examples import gather, stood
from choir.flow.learn import learn
from choir.flow.understand import understand
from choir.inbox.assigning import hand_over
from choir.inbox.models import Conversation
from choir.people.access import NotAllowedError
from choir.people.models import Department
from choir.triage.learning.adapted import Neighbours, Refit, packed, unpacked
from choir.triage.learning.fitting import MOST_NEIGHBOURS, WAYS, Lessons, neighbours, refit
from choir.triage.learning.judging import holds, judge
from choir.triage.learning.models import Adaptation, Example, Standing
from choir.triage.learning.versions import RollbackRefusedError, learnt_of, roll_back
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, opened, read_as, says

LATER = NOON + dt.timedelta(hours=1)


def lessons(*, rows: int, flipped: bool) -> Lessons:
    """Two kinds of text, far apart. The shipped head says “first” to all; `flipped`: half of them are really second."""
    chance = np.random.default_rng(3)
    kinds = np.arange(rows) % 2
    features = np.zeros((rows, 520), dtype=np.float32)
    features[:, :2] = np.eye(2)[kinds] + chance.normal(0, 0.15, (rows, 2))
    features[:, :512] /= np.linalg.norm(features[:, :512], axis=1, keepdims=True)
    shipped = np.tile(np.array([[0.7, 0.3]], dtype=np.float32), (rows, 1))
    answers = np.eye(2, dtype=np.float32)[kinds if flipped else np.zeros(rows, dtype=int)]
    is_corrected = answers[:, 1].copy()
    return Lessons(features, shipped, answers, np.ones(rows, dtype=np.float32), is_corrected)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_learns_what_the_examples_say(way: str) -> None:
    taught = lessons(rows=60, flipped=True)
    said = WAYS[way](taught).shares(taught.features, taught.shipped)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert (said.argmax(axis=1) == taught.answers.argmax(axis=1)).mean() > 0.9


def test_few_and_many_rows_are_fitted_alike() -> None:
    """Few rows are weighed, many are summed up: the same correction either way."""
    few = lessons(rows=40, flipped=True)
    many = few.at(np.tile(np.arange(40), 30))  # the same, thirty times: as much as thirty times the penalty less
    once, often = refit(few, trust=1.0, penalty=1.0), refit(many, trust=1.0, penalty=30.0)
    assert often.weight == pytest.approx(once.weight, abs=0.01)
    assert np.abs(once.weight).max() > 0.3


def test_without_examples_nearby_the_shipped_answer_stays() -> None:
    taught = lessons(rows=20, flipped=True)
    far = np.zeros((1, 520), dtype=np.float32)
    far[0, 300] = 1.0
    said = neighbours(taught, doubt=1.0).shares(far, taught.shipped[:1])
    assert said[0] == pytest.approx(taught.shipped[0], abs=0.1)


def test_of_many_examples_mistakes_and_what_stood_are_kept_in_proportion() -> None:
    chance = np.random.default_rng(5)
    corrected = np.arange(900) % 3 == 0
    answers = np.eye(2, dtype=np.float32)[corrected.astype(int)]
    many = Lessons(
        chance.normal(size=(900, 520)).astype(np.float32),
        answers,
        answers,
        np.ones(900, dtype=np.float32),
        corrected.astype(np.float32),
    )
    kept = neighbours(many, doubt=1.0)
    assert len(kept.answers) == MOST_NEIGHBOURS
    assert kept.answers[:, 1].mean() == pytest.approx(1 / 3, abs=0.01)
    assert (kept.vectors[-1] == many.features[897, :512]).all()  # the newest


def test_a_small_gain_that_made_the_truth_less_likely_does_not_hold() -> None:
    before, two_better = np.array([False] * 2 + [True] * 22), np.array([True] * 24)
    four_better = np.array([False] * 4 + [True] * 20)
    weight = np.ones(24, dtype=np.float32)
    assert holds(before, two_better, weight)
    assert not holds(before, two_better, weight, likelier=False)
    assert holds(four_better, two_better, weight, likelier=False)


def test_a_head_that_helps_holds_and_one_that_cannot_help_does_not() -> None:
    assert judge(lessons(rows=60, flipped=True), ["en"] * 60).holds
    assert not judge(lessons(rows=60, flipped=False), ["en"] * 60).holds


def test_as_much_lost_as_gained_does_not_hold() -> None:
    before = np.array([True] * 10 + [False] * 10)
    assert not holds(before, ~before, np.ones(20, dtype=np.float32))


def test_what_stood_weighs_as_many_conversations_as_it_stands_for() -> None:
    before, after = np.array([False] * 18 + [True] * 6), np.array([True] * 18 + [False] * 6)
    weight = np.ones(24, dtype=np.float32)
    assert holds(before, after, weight)
    weight[18:] = 40.0
    assert not holds(before, after, weight)


def test_a_small_gain_of_few_examples_says_nothing_and_a_clear_one_does() -> None:
    before, small, clear = np.array([False] * 4 + [True] * 6), np.array([True] * 9 + [False]), np.ones(10, dtype=bool)
    weight = np.ones(10, dtype=np.float32)
    assert not holds(before, small, weight)
    assert holds(np.tile(before, 2), np.tile(small, 2), np.ones(20, dtype=np.float32))
    assert holds(before, clear, weight)


def test_arrays_survive_the_database() -> None:
    taught = lessons(rows=20, flipped=True)
    for method in (refit(taught, trust=0.5, penalty=1.0), neighbours(taught, doubt=1.0)):
        kept = unpacked(packed(method))
        assert isinstance(kept, Refit | Neighbours)
        assert kept.shares(taught.features, taught.shipped) == pytest.approx(
            method.shares(taught.features, taught.shipped), abs=0.01
        )


PARTS = ["pump", "valve", "filter", "hose", "seal", "motor", "switch", "belt", "lamp", "panel", "hinge", "wheel"]


@pytest.fixture
def company() -> Cast:
    return cast()


def answered(company: Cast, text: str, objective: str = "care") -> Conversation:
    conversation = opened(company, text, objective=objective)
    conversation.last_outbound_at = LATER
    conversation.save()
    return conversation


def teach(company: Cast) -> None:
    """What hums was read as care; here it is product insight. Ordinary care stood."""
    for part in PARTS:
        hums = opened(company, f"My {part} makes a strange noise on the balcony, it hums all night")
        correct(hums, by=company.cho, at=LATER, objective="product_insight")
        answered(company, f"The parcel with my {part} is two weeks late, where is it?")


@pytest.mark.django_db
def test_a_correction_is_an_example_with_who_and_when(company: Cast) -> None:
    one = opened(company)
    correct(one, by=company.ana, at=LATER, objective="sales", sentiment="negative", needs_reply=False)
    gather(company.workspace, at=LATER)
    found = {one.field: one for one in Example.objects.all()}
    assert set(found) == {"objective", "department", "sentiment", "needs_reply"}
    assert (found["objective"].was, found["objective"].value) == ("care", "sales")
    assert (found["needs_reply"].was, found["needs_reply"].value) == ("yes", "no")
    assert (found["sentiment"].value, found["sentiment"].by, found["sentiment"].at) == ("negative", company.ana, LATER)
    assert gather(company.workspace, at=LATER) == 0


@pytest.mark.django_db
def test_what_is_wanted_and_whom_it_is_for_are_put_right_too(company: Cast) -> None:
    conversation = opened(company)
    legal = company.departments["legal"]
    correct(conversation, by=company.cho, at=LATER, intent="threat", department=legal)
    conversation.refresh_from_db()
    assert (conversation.department, conversation.state) == (legal, "open")
    assert conversation.handovers.get().because == "Cho says that it is for Legal."
    gather(company.workspace, at=LATER)
    found = {one.field: one.value for one in Example.objects.filter(lesson="correction").order_by("-at")}
    assert found == {"intent": "threat", "department": "legal"}


@pytest.mark.django_db
def test_departments_of_its_own_are_learnt_and_forgotten_when_others_are_added(company: Cast) -> None:
    for slug, charter in (("customer_service", "Parcels, refunds and repairs."), ("legal", "Contracts and rights.")):
        Department.objects.filter(slug=slug, organisation=company.organisation).update(charter=charter)
    for part in PARTS:
        hums = opened(company, f"My {part} makes a strange noise on the balcony, it hums all night")
        correct(hums, by=company.cho, at=LATER, department=company.departments["legal"])
        answered(company, f"The parcel with my {part} is two weeks late, where is it?")
    while learn(at=LATER):
        pass
    made = Adaptation.objects.get(field="department")
    assert made.standing == Standing.IN_FORCE
    new = "My new radiator makes a strange noise on the balcony and hums all night"
    arrived(company, new, at=LATER)
    understand(at=LATER)
    assert Reading.objects.get(mention__text=new).department == "legal"
    Department.objects.filter(slug="marketing", organisation=company.organisation).update(charter="Campaigns.")
    arrived(company, f"{new}, still", at=LATER)
    understand(at=LATER)
    assert Reading.objects.get(mention__text=f"{new}, still").department == "customer_service"


@pytest.mark.django_db
def test_a_hand_over_is_an_example_with_its_reason(company: Cast) -> None:
    hand_over(opened(company), to=company.departments["legal"], because="a lawyer writes", by=company.ana, at=LATER)
    gather(company.workspace, at=LATER)
    found = {one.field: one for one in Example.objects.all()}
    assert (found["department"].value, found["department"].because) == ("legal", "a lawyer writes")
    assert found["objective"].value == "compliance"  # the only objective that legal owns


@pytest.mark.django_db
def test_corrections_change_how_the_next_text_is_read_and_a_rollback_undoes_it(company: Cast) -> None:
    teach(company)
    while learn(at=LATER):
        pass
    made = Adaptation.objects.get(field="objective")
    assert (made.standing, made.examples_count) == (Standing.IN_FORCE, len(PARTS))
    assert made.judgement["after"] > made.judgement["before"]
    assert not learnt_of([company.workspace.pk], base="other weights")[company.workspace.pk].methods
    new = "My new radiator makes a strange noise on the balcony and hums all night"
    arrived(company, new, at=LATER)
    understand(at=LATER)
    read = Reading.objects.get(mention__text=new)
    assert read.objective == "product_insight"
    assert f"+{made.number}" in read.version
    with pytest.raises(NotAllowedError):
        roll_back(made, by=company.ana, at=LATER)
    assert roll_back(made, by=company.cho, at=LATER) is None
    assert "objective" not in learnt_of([company.workspace.pk], base=made.base)[company.workspace.pk].methods
    with pytest.raises(RollbackRefusedError):
        roll_back(made, by=company.cho, at=LATER)
    assert learn(at=LATER) == 0  # the same examples do not bring it back


@pytest.mark.django_db
def test_without_answers_that_stood_nothing_takes_over(company: Cast) -> None:
    for part in PARTS[:6]:
        correct(opened(company, f"500 units of the {part} wholesale"), by=company.cho, at=LATER, objective="sales")
    while learn(at=LATER):
        pass
    assert not Adaptation.objects.filter(standing=Standing.IN_FORCE).exists()


@pytest.mark.django_db
def test_what_stood_is_what_a_conversation_began_with_and_the_department_that_answered(company: Cast) -> None:
    begun = answered(company, "Where is my parcel?")
    identity = begun.messages.get().identity
    assert identity is not None
    later = says(company, begun, "Thanks, here it is.", at=LATER, identity=identity)
    begun.reading = read_as(company, later)
    begun.department = company.departments["legal"]
    begun.save()
    found, count = stood(company.workspace, since=NOON - dt.timedelta(days=1), at_most=10)
    assert count == 1
    assert [(reading.mention.text, department) for reading, department in found] == [("Where is my parcel?", "legal")]
