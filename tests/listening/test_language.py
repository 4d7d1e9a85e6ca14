"""The language: what is typed becomes one tree, and the tree finds what a person expects."""

import pytest
from hypothesis import given, settings

from choir.channels.contract import SearchAbility
from choir.listening.language.folding import spaced, words_in
from choir.listening.language.matching import Document, Matcher, finder
from choir.listening.language.native import for_network
from choir.listening.language.parsing import QueryError, parse
from choir.listening.language.tree import Node
from choir.listening.language.unread import possible
from tests.listening.language import documents, trees


def finds(typed: str, text: str, **more: object) -> bool:
    said = Document(words=spaced(words_in(text)), **more)  # type: ignore[arg-type]
    return finder(parse(typed))(said)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("late parcel", "My parcel is LATE"),
        ('"late parcel"', "another Late, parcel"),
        ("cafe OR tea", "Im Café"),
        ("CAFÉ", "cafe"),
        ("strasse", "Straße"),
        ("launch", "what a #Launch"),
        ("#launch", "what a #Launch"),
        ("parcel*", "two parcels"),
        ("p?rcel", "my porcel"),
        ("(late OR lost) NEAR/2 parcel", "the parcel is really late"),
        ("parcel NOT letter", "a parcel"),
        ("parcel -letter", "a parcel"),
        ("包裹", "我的包裹迟到了"),
        ("احمد", "أَحْمَد"),
        ("ежик", "Ёжик"),
        ("🔥", "this is 🔥🔥"),
        ("e-mail", "send me an e-mail"),
    ],
)
def test_what_is_found(typed: str, text: str) -> None:
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("late parcel", "late"),
        ('"late parcel"', "parcel late"),
        ("#launch", "the launch"),
        ("late NEAR/1 parcel", "late is my poor parcel"),
        ("parcel NOT letter", "a parcel and a letter"),
        ("cat", "concatenate"),
        ("包裹", "裹包"),
    ],
)
def test_what_is_not_found(typed: str, text: str) -> None:
    assert not finds(typed, text)


def test_fields_ask_about_the_mention() -> None:
    said = {"author": " ana lima ", "language": "de", "traits": frozenset({"link"}), "stars": 2}
    assert finds('author:"Ana Lima" language:(en OR de) has:link stars:<=2', "x", **said)
    assert not finds("language:en", "x", **said)
    assert not finds("stars:>2", "x", **said)
    assert not finds("stars:<=2", "x")


@settings(max_examples=150, deadline=None)
@given(trees, documents)
def test_what_nobody_has_read_yet_is_kept_whenever_the_query_may_find_it(tree: Node, said: Document) -> None:
    maybe = possible(tree)
    if finder(tree)(said) and maybe is not None:
        unread = Document(said.words, said.author, said.channel, traits=said.traits, stars=said.stars)
        assert finder(maybe)(unread)


def test_what_a_reading_decides_keeps_nothing_out_before_it() -> None:
    assert possible(parse("kettle language:de")) == parse("kettle")
    assert possible(parse("kettle -sentiment:positive")) == parse("kettle")
    assert possible(parse("kettle OR language:de")) is None


def test_a_word_is_asked_as_a_hashtag_too_where_a_network_wants_it() -> None:
    ability = SearchAbility(phrases=True, also_hashtags=True)
    assert for_network(parse('kettle OR "cold tea"'), ability).questions == ("kettle", '"cold tea"', "#kettle")


@pytest.mark.parametrize(
    ("typed", "position", "word"),
    [
        ("", 0, "Nothing"),
        ("(late parcel", 0, "closed"),
        ("late) parcel", 4, "closes nothing"),
        ('say "late', 4, "quotation mark"),
        ("late or lost", 5, "capitals"),
        ("NOT late", 0, "unwanted"),
        ("late AND", 8, "missing after AND"),
        ("late OR OR lost", 8, "missing before OR"),
        ("late NEAR lost", 5, "distance"),
        ("a NEAR/3 (b AND c)", 9, "Beside NEAR"),
        ("colour:red", 0, "no field"),
        ("late has:colour", 9, "none of them"),
        ("stars:many", 6, "number"),
        ("late *", 5, "nearly everything"),
        ("(" * 25 + "a" + ")" * 25, 20, "nested"),
        ("word " * 300, 1000, "terms at most"),
        ("x" * 5000, 4000, "characters at most"),
    ],
)
def test_an_error_names_the_character_and_what_to_do(typed: str, position: int, word: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(typed)
    assert raised.value.position == position
    assert word in str(raised.value)


@settings(max_examples=150, deadline=None)
@given(trees, documents)
def test_anchors_leave_nothing_out(tree: Node, said: Document) -> None:
    assert Matcher({"q": tree}).matching(said) == (["q"] if finder(tree)(said) else [])


PLAIN = SearchAbility()
RICH = SearchAbility(
    either=" OR ",
    without="-{value}",
    phrases=True,
    groups=True,
    fields={"author": "from:{value}", "has:link": "filter:links"},
)


@pytest.mark.parametrize(
    ("typed", "ability", "questions", "is_exact"),
    [
        ("late parcel", PLAIN, ("late parcel",), True),
        ("late OR lost", PLAIN, ("late", "lost"), True),
        ("late OR lost", RICH, ("late OR lost",), True),
        ('"late parcel" -letter', RICH, ('"late parcel" -letter',), True),
        ('"late parcel" -letter', PLAIN, ("late parcel",), False),
        ("parcel (late OR lost)", RICH, ("(parcel late) OR (parcel lost)",), True),
        ("late NEAR/5 parcel language:de", RICH, ("late parcel",), False),
        ("parcel has:link author:ana", RICH, ("parcel filter:links from:ana",), False),
        ("parcel NOT language:de", RICH, ("parcel",), False),
        ("parcel*", RICH, (), False),
        ("parcel OR sentiment:negative", RICH, (), False),
        ("#parcel late", SearchAbility(only_hashtags=True), ("#parcel",), False),
        ("parcel", SearchAbility(only_hashtags=True), (), False),
    ],
)
def test_the_widest_question_to_a_network(
    typed: str, ability: SearchAbility, questions: tuple[str, ...], is_exact: bool
) -> None:
    asked = for_network(parse(typed), ability)
    assert (asked.questions, asked.is_exact) == (questions, is_exact)
