"""Rules: pure decisions over what a conversation is, in their order; kept with who and why."""

import uuid

import pytest

from choir.flow.dry_run import dry_run
from choir.flow.route import route
from choir.inbox.models import Conversation, State
from choir.people.access import NotAllowedError
from choir.routing.rules.actions import Outcome, RuleRefusedError, keep_rule, move, switch
from choir.routing.rules.decide import Condition, Insisting, Situation, conditions_of, phrase_in, ruled
from choir.routing.rules.models import Rule
from choir.routing.rules.queries import in_words, rules_of
from choir.triage.models import Reading
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived, read_as

LEGAL, SERVICE = uuid.uuid4(), uuid.uuid4()


def rule(*conditions: Condition, department: uuid.UUID | None = LEGAL, urgency: int | None = None) -> Insisting:
    return Insisting(uuid.uuid4(), "A rule", conditions, department, None, urgency)


LAWYER = Condition("words", ("lawyer*", "court"))


@pytest.mark.parametrize(
    ("phrases", "text", "found"),
    [
        (["court"], "See you in COURT!", "court"),
        (["court"], "What a courteous reply", None),
        (["lawyer*"], "my lawyers will write", "lawyer"),
        (["small claims"], "the small,  claims office", "small claims"),
        (["#bringlight"], "Love #BringLight so much", "#bringlight"),
        (["弁護士"], "明日弁護士に相談します", "弁護士"),
        (["*", " "], "anything", None),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrases: list[str], text: str, found: str | None) -> None:
    assert phrase_in(phrases, text) == found


def test_all_conditions_of_a_rule_must_hold_and_any_value_of_one() -> None:
    both = rule(LAWYER, Condition("vip", ("yes",)))
    assert both.met(Situation("my lawyer", is_vip=True)) == ["it says “lawyer”", "the customer is a VIP"]
    assert both.met(Situation("my lawyer")) is None
    assert rule(Condition("language", ("de", "fr"))).met(Situation("", language="fr")) is not None


def test_a_rule_without_conditions_or_with_unknown_ones_applies_to_nothing() -> None:
    assert rule().met(Situation("anything")) is None
    assert conditions_of([{"kind": "weather", "values": ["rain"]}]) == ()


def test_the_first_rule_with_a_department_decides_and_those_before_it_may_hurry() -> None:
    hurry = rule(Condition("vip", ("yes",)), department=None, urgency=2)
    first, second = rule(LAWYER), rule(LAWYER, department=SERVICE)
    said = ruled([hurry, first, second], Situation("my lawyer", is_vip=True))
    assert (said.rule, said.urgency, said.urgent) == (first, 2, hurry)


def test_conditions_read_as_words() -> None:
    assert in_words([LAWYER, Condition("vip", ("yes",))], {}) == (
        "it says “lawyer*” or “court”, and the customer is a VIP"
    )


@pytest.fixture
def company() -> Cast:
    return cast()


def keep(company: Cast, name: str = "Legal words", *, words: tuple[str, ...] = ("lawyer*",), **outcome: object) -> Rule:
    chosen = outcome or {"department": company.departments["legal"]}
    return keep_rule(
        company.workspace,
        rule=None,
        name=name,
        conditions=[Condition("words", words)],
        outcome=Outcome(**chosen),  # type: ignore[arg-type]  # what a test names
        because="The board wants it so.",
        by=company.cho,
        at=NOON,
    )


def routed(company: Cast, text: str, **reading: object) -> Conversation:
    conversation = arrived(company, text)
    made = read_as(company, conversation.messages.get())
    Reading.objects.filter(pk=made.pk).update(**reading)
    assert route(at=NOON) == 1
    conversation.refresh_from_db()
    return conversation


@pytest.mark.django_db
def test_a_rule_goes_before_the_matrix_and_its_routing_names_it(company: Cast) -> None:
    kept = keep(company)
    conversation = routed(company, "My lawyers want my parcel", objective="care", needs_reply=False)
    assert (conversation.department, conversation.state) == (company.departments["legal"], State.OPEN)
    assignment = conversation.assignments.get()
    assert "the rule “Legal words” gives it to Legal team, because it says “lawyer”" in assignment.because
    assert ["rule", str(kept.pk)] in [part[1:] for part in assignment.parts]


@pytest.mark.django_db
def test_a_rule_without_a_department_only_hurries(company: Cast) -> None:
    keep(company, urgency_at_least=3)
    conversation = routed(company, "My lawyer is hungry")
    assert (conversation.department, conversation.urgency) == (company.departments["customer_service"], 3)
    assert "the rule “Legal words” makes it urgent" in conversation.assignments.get().because


@pytest.mark.django_db
def test_a_rule_that_is_off_is_not_asked(company: Cast) -> None:
    switch(keep(company), is_on=False, by=company.cho, at=NOON)
    assert routed(company, "My lawyer waits").department == company.departments["customer_service"]


@pytest.mark.django_db
def test_rules_move_in_their_order(company: Cast) -> None:
    first, second = keep(company, "First"), keep(company, "Second")
    move(second, by_steps=-1, by=company.cho, at=NOON)
    move(first, by_steps=5, by=company.cho, at=NOON)
    assert [one.name for one in rules_of([company.workspace.pk])[company.workspace.pk]] == ["Second", "First"]


@pytest.mark.django_db
def test_only_the_champion_makes_rules_and_none_without_sense(company: Cast) -> None:
    with pytest.raises(RuleRefusedError, match="no other rule has"):
        keep(company, " ")
    with pytest.raises(RuleRefusedError, match="at least one condition"):
        keep(company, words=())
    with pytest.raises(RuleRefusedError, match="The team must be one"):
        keep(company, department=company.departments["legal"], team=company.teams["marketing"])
    with pytest.raises(NotAllowedError):
        switch(keep(company), is_on=False, by=company.lea, at=NOON)


@pytest.mark.django_db
def test_a_dry_run_counts_examples_and_warns(company: Cast) -> None:
    for text in ("My lawyer!", "Where is my parcel?", "Good morning"):
        routed(company, text)
    legal, never, hidden, always = (
        rule(LAWYER, department=company.departments["legal"].pk),
        rule(Condition("words", ("zebra",))),
        rule(Condition("words", ("my lawyer",))),
        rule(Condition("objective", ("care",))),
    )
    fired = dry_run(company.workspace, [legal, never, hidden], since=NOON)
    assert (fired[legal.id].count, fired[legal.id].moved, fired[legal.id].warning) == (1, 1, "")
    assert fired[legal.id].examples[0].met == ("it says “lawyer”",)
    assert "none of the last 3 conversations" in fired[never.id].warning
    assert "rules above it" in fired[hidden.id].warning
    assert "nearly always" in dry_run(company.workspace, [always], since=NOON)[always.id].warning
