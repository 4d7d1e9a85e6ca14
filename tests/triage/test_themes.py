"""Themes are found where texts mean the same, named by their words, and decided by people."""

import datetime as dt
import uuid

import numpy as np
import pytest

from choir.flow.themes import keep_themes
from choir.flow.understand import understand
from choir.people.access import NotAllowedError
from choir.triage.models import Reading, Theme, ThemeState
from choir.triage.naming import NAMING, named, tells
from choir.triage.reader import reader
from choir.triage.themes import Found, Themes, apart_from, groups, middle, packed
from choir.triage.theming import ThemeRefusedError, accept, dismiss, merge, rename
from tests.cast import NOON, Cast, cast
from tests.conversing import arrived

SAID = [
    *(f"the lid of my new kettle broke {when}" for when in ("today", "again", "after a week", "in my hand", "at once")),
    *(f"kettle lid {what}" for what in ("cracked", "snapped off", "came off, broken", "is broken", "split in two")),
    *(f"where is my parcel, tracking stuck {when}" for when in ("since Monday", "again", "for days", "a week", "now")),
    *(f"parcel tracking {what}" for what in ("not moving", "stuck for days", "says nothing", "frozen", "is stuck")),
]


@pytest.fixture
def company(db: None) -> Cast:
    return cast()


def theme(company: Cast, name: str, **more: object) -> Theme:
    told = {
        "centre": packed(np.eye(512, dtype=np.float32)[0]),
        "reach": 0.6,
        "found_count": 9,
        "found_at": NOON,
        **more,
    }
    return Theme.objects.create(workspace=company.workspace, name=name, **told)


def test_what_means_the_same_makes_a_group_whatever_all_have_in_common() -> None:
    rng = np.random.default_rng(4)
    ways = np.eye(512, dtype=np.float32)
    apart = [ways[0] + 0.03 * rng.normal(size=512) for _ in range(9)] + list(ways[10:22])
    vectors = (np.stack(apart) + 3 * ways[400]).astype(np.float32)  # all are of one company
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    [found] = groups(vectors)
    assert sorted(found.members) == list(range(9))
    kept = Themes([(company_id := uuid.uuid4(), packed(found.centre), packed(found.origin), found.reach)])
    assert [kept.of(one) for one in vectors] == [company_id] * 9 + [None] * 12
    assert groups(vectors[:0]) == []


def test_a_group_is_named_by_what_it_says_more_than_others_and_means() -> None:
    texts = [f"{which} kettle lid broke today" for which in ("my", "our", "the new", "this", "another", "her")]
    texts += [f"where is my parcel today {number}" for number in range(20)]
    vectors = reader().vectors(texts)
    found = Found(np.arange(6), middle(apart_from(vectors.mean(axis=0), vectors[:6])), vectors.mean(axis=0), 0.4)
    [words] = named([found], texts, reader().vectors)
    assert "kettle" in " ".join(words[:NAMING])
    assert "today" not in words
    assert not any("parcel" in one for one in words)
    assert named([], texts, reader().vectors) == []


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Thanks!", False),
        ("🍄🍄💡", False),
        ("It came, thank you", False),
        ("the lid of my kettle broke", True),
        ("ケトルの蓋が壊れました。交換をお願いします。返信を待っています。", True),
    ],
)
def test_a_thank_you_is_about_nothing(text: str, is_told: bool) -> None:
    assert tells(text) is is_told


def test_found_themes_are_accepted_and_label_what_comes_next(company: Cast) -> None:
    for text in SAID * 4:
        arrived(company, text, at=NOON)
    while understand(at=NOON):
        pass
    while keep_themes(at=NOON):
        pass
    proposed = {one.name: one for one in Theme.objects.proposed()}
    [kettle] = [one for name, one in proposed.items() if "kettle" in name]
    accept(kettle, name="Broken lids", by=company.cho, at=NOON)
    assert keep_themes(at=NOON) == 1
    labelled = Reading.objects.filter(theme=kettle).values_list("mention__text", flat=True)
    assert labelled
    assert all("kettle" in text for text in labelled)
    late = arrived(company, "my kettle's lid just broke off", at=NOON)
    understand(at=NOON)
    mention = late.messages.get().mention
    assert mention is not None
    assert mention.readings.get().theme == kettle


def test_themes_merge_keep_their_names_apart_and_stay_dismissed(company: Cast) -> None:
    lids, kettles, noise = (theme(company, name) for name in ("lids", "kettles", "noise"))
    accept(lids, name="Lids", by=company.cho, at=NOON)
    with pytest.raises(ThemeRefusedError, match="already"):
        accept(kettles, name="Lids", by=company.cho, at=NOON)
    kettles.refresh_from_db()
    merge(kettles, into=lids, by=company.cho, at=NOON)
    assert (kettles.state, kettles.merged_into, lids.found_count) == (ThemeState.MERGED, lids, 18)
    with pytest.raises(ThemeRefusedError, match="another"):
        merge(lids, into=lids, by=company.cho, at=NOON)
    with pytest.raises(ThemeRefusedError):
        rename(lids, name="  ", by=company.cho, at=NOON)
    dismiss(noise, by=company.cho, at=NOON)
    assert Theme.objects.get(pk=noise.pk).state == ThemeState.DISMISSED
    with pytest.raises(NotAllowedError):
        dismiss(lids, by=company.ana, at=NOON + dt.timedelta(1))


def test_what_is_near_nothing_carries_no_theme() -> None:
    ways = np.eye(512, dtype=np.float32)
    assert Themes([]).of(ways[0]) is None
