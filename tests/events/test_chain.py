"""The record is a chain: sealing it, and finding whatever was done to it since."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from choir.events.actions import event, record_many
from choir.events.chain import READ, Chain, link, seal, seal_all
from choir.events.models import Event, Seal
from choir.events.verify import Finding, heads, heads_from, verify, verify_chain
from choir.ids import new_id
from choir.people.models import Organisation, Workspace
from choir.people.policy import Role
from tests.cast import person
from tests.thoroughness import MUTATIONS

LONG_AGO = dt.timedelta(hours=1)


@pytest.fixture
def workspace(db: None) -> Workspace:
    """A workspace with nothing recorded."""
    organisation = Organisation.objects.create(name="Acme", slug="acme")
    return Workspace.objects.create(organisation=organisation, name="Acme", slug="acme")


def happen(workspace: Workspace, count: int, *, whole: bool = False, recorded: dt.timedelta = LONG_AGO) -> None:
    """Record so many events of all shapes, an hour ago."""
    chance = random.Random(count)
    made = []
    for number in range(count):
        one = event(
            verb=chance.choice(["conversation.resolved", "message.sent", "note.added"]),
            subject=workspace,
            organisation_id=workspace.organisation_id,
            workspace_id=None if whole else workspace.pk,
            at=timezone.now() - dt.timedelta(days=chance.random() * 90),
            because=chance.choice(["", "weil es so ist", '彼は“はい”と言った\n\\"', "a, b"]),
            facts={"number": number, "seconds": chance.random() * 1e6, "name": "Zoë", "more": [1, None, True]},
        )
        one.recorded_at = timezone.now() - recorded
        made.append(one)
    record_many(made)


def chain_of(workspace: Workspace) -> Chain:
    return Chain(workspace.organisation_id, workspace.pk)


def test_a_sealed_chain_is_whole(workspace: Workspace) -> None:
    happen(workspace, 250)
    assert seal(chain_of(workspace), at=timezone.now(), limit=100) == 100
    assert seal(chain_of(workspace), at=timezone.now(), limit=100) == 100
    assert seal(chain_of(workspace), at=timezone.now(), limit=100) == 50
    assert seal(chain_of(workspace), at=timezone.now(), limit=100) == 0
    found = verify_chain(chain_of(workspace))
    assert found.is_whole
    assert (found.events_count, found.seals_count, found.unsealed_count) == (250, 3, 0)
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 251))


def test_each_workspace_and_the_organisation_have_chains_of_their_own(workspace: Workspace) -> None:
    other = Workspace.objects.create(organisation=workspace.organisation, name="Other", slug="other")
    happen(workspace, 3)
    happen(other, 4)
    happen(workspace, 5, whole=True)
    assert seal_all(at=timezone.now()) == 12
    assert sorted(found.events_count for found in verify()) == [3, 4, 5]


def test_events_of_the_last_seconds_wait_for_late_commits(workspace: Workspace) -> None:
    happen(workspace, 2, recorded=dt.timedelta(seconds=0))
    happen(workspace, 3)
    assert seal_all(at=timezone.now()) == 3
    assert verify_chain(chain_of(workspace)).unsealed_count == 2
    assert seal_all(at=timezone.now() + dt.timedelta(seconds=3)) == 2
    assert verify_chain(chain_of(workspace)).is_whole


def test_a_person_who_leaves_does_not_break_the_chain(workspace: Workspace) -> None:

    ana = person("ana", workspace.organisation, Role.AGENT)
    happen(workspace, 2)
    Event.objects.update(by=ana, by_name="Ana")
    seal_all(at=timezone.now())
    ana.delete()
    assert verify_chain(chain_of(workspace)).is_whole
    assert set(Event.objects.values_list("by_name", flat=True)) == {"Ana"}


Mutation = Callable[[random.Random, Chain], str]


def set_column(column: str, value: str) -> Mutation:
    """Change one column of one random event to something else."""

    def mutate(chance: random.Random, chain: Chain) -> str:
        sql = f"UPDATE events_event SET {column} = {value} WHERE id = %s AND {column} IS DISTINCT FROM {value}"
        run(sql, [pick(chance)])
        return f"{column} = {value}"

    return mutate


def pick(chance: random.Random) -> Any:
    """A random sealed event."""
    count = Event.objects.exclude(position=None).count()
    return Event.objects.exclude(position=None).order_by("id").values_list("id", flat=True)[chance.randrange(count)]


def run(sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount >= 1, sql


def delete(chance: random.Random, chain: Chain) -> str:
    """One event is gone."""
    run("DELETE FROM events_event WHERE id = %s", [pick(chance)])
    return "deleted"


def delete_and_close_ranks(chance: random.Random, chain: Chain) -> str:
    """One event is gone and all after it move up by one."""
    row = Event.objects.get(pk=pick(chance))
    row.delete()
    for one in Event.objects.filter(position__gt=row.position).order_by("position"):
        Event.objects.filter(pk=one.pk).update(position=(one.position or 0) - 1)
    return "deleted and closed ranks"


def cut_tail(chance: random.Random, chain: Chain) -> str:
    """The last events are gone, their seals stay."""
    count = Event.objects.count()
    run("DELETE FROM events_event WHERE position > %s", [count - chance.randint(1, 20)])
    return "cut the tail"


def swap(chance: random.Random, chain: Chain) -> str:
    """Two events change places, digests and all."""
    first, second = Event.objects.get(pk=pick(chance)), Event.objects.get(pk=pick(chance))
    if first == second:
        return delete(chance, chain)
    with_digest = chance.random() < 0.5
    run("UPDATE events_event SET position = %s WHERE id = %s", [10**9, first.pk])
    run("UPDATE events_event SET position = %s WHERE id = %s", [first.position, second.pk])
    run("UPDATE events_event SET position = %s WHERE id = %s", [second.position, first.pk])
    if with_digest:
        run("UPDATE events_event SET digest = %s WHERE id = %s", [bytes(first.digest or b""), second.pk])
        run("UPDATE events_event SET digest = %s WHERE id = %s", [bytes(second.digest or b""), first.pk])
    return "swapped"


def insert(chance: random.Random, chain: Chain) -> str:
    """A copy of an event stands at the end."""
    last = Event.objects.order_by("-position").first()
    assert last is not None
    last.pk, last.position = new_id(), (last.position or 0) + chance.randint(1, 3)
    last.save(force_insert=True)
    return "inserted"


def unseal(chance: random.Random, chain: Chain) -> str:
    """An event loses its place, as if it had never been sealed."""
    run("UPDATE events_event SET position = NULL, digest = NULL WHERE id = %s", [pick(chance)])
    return "unsealed"


def rewrite(chance: random.Random, chain: Chain) -> str:
    """Somebody changes an event and recomputes every digest after it, without the audit key."""

    row = Event.objects.get(pk=pick(chance))
    Event.objects.filter(pk=row.pk).update(because="rewritten")
    before = Event.objects.filter(position=(row.position or 0) - 1).first()
    digest = bytes(before.digest or b"") if before else chain.beginning
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT position, {READ} FROM events_event WHERE position >= %s ORDER BY 1", [row.position])
        for position, *columns in cursor.fetchall():
            digest = link(digest, position, columns)
            Event.objects.filter(pk=columns[0]).update(digest=digest)
    run("UPDATE events_seal SET last_digest = (SELECT digest FROM events_event WHERE position = last_position)", [])
    return "rewritten"


def seal_column(column: str, value: str) -> Mutation:
    """Change one column of one seal."""

    def mutate(chance: random.Random, chain: Chain) -> str:
        ids = list(Seal.objects.values_list("id", flat=True))
        run(f"UPDATE events_seal SET {column} = {value} WHERE id = %s", [chance.choice(ids)])
        return f"seal {column}"

    return mutate


def delete_seal(chance: random.Random, chain: Chain) -> str:
    """One seal is gone."""
    run("DELETE FROM events_seal WHERE id = %s", [chance.choice(list(Seal.objects.values_list("id", flat=True)))])
    return "seal deleted"


CHEAP: list[Mutation] = [
    set_column("id", "gen_random_uuid()"),
    set_column("workspace_id", "NULL"),
    set_column("at", "at + interval '1 microsecond'"),
    set_column("at", "at - interval '1 day'"),
    set_column("recorded_at", "recorded_at + interval '1 microsecond'"),
    set_column("verb", "verb || ' '"),
    set_column("by_id", "gen_random_uuid()"),
    set_column("by_name", "'Somebody else'"),
    set_column("subject_type", "'person'"),
    set_column("subject_id", "gen_random_uuid()"),
    set_column("because", "because || 'x'"),
    set_column("facts", "facts || '{\"number\": -1}'"),
    set_column("facts", "facts - 'seconds'"),
    set_column("facts", "'{}'"),
    set_column("position", "position + 1000000"),
    set_column("position", "-position"),
    set_column("digest", "sha256(digest)"),
    set_column("digest", "''"),
    seal_column("last_digest", "sha256(last_digest)"),
    seal_column("signature", "sha256(signature)"),
    seal_column("last_position", "last_position + 1"),
    seal_column("at", "at + interval '1 second'"),
    delete,
    cut_tail,
    swap,
    insert,
    unseal,
    delete_seal,
]
COSTLY: list[Mutation] = [delete_and_close_ranks, rewrite]


@pytest.mark.parametrize("seed", range(4))
def test_every_mutation_is_found(workspace: Workspace, seed: int) -> None:
    chain, chance = chain_of(workspace), random.Random(seed)
    happen(workspace, 120)
    while seal(chain, at=timezone.now(), limit=30):
        pass
    assert verify_chain(chain).is_whole
    missed = []
    mutations = [chance.choice(CHEAP) for _ in range(MUTATIONS // 4)] + COSTLY * (MUTATIONS // 400)
    for mutate in mutations:
        with transaction.atomic():
            what = mutate(chance, chain)
            if verify_chain(chain).is_whole:
                missed.append(what)
            transaction.set_rollback(True)
    assert missed == []
    assert verify_chain(chain).is_whole


def found_after(workspace: Workspace, sql: str) -> Finding:
    run(sql, [])
    return verify_chain(chain_of(workspace))


def test_the_report_names_the_event_that_was_changed(workspace: Workspace) -> None:
    happen(workspace, 20)
    seal_all(at=timezone.now())
    found = found_after(workspace, "UPDATE events_event SET because = 'other' WHERE position = 7")
    [problem] = found.problems
    assert problem.position == 7
    assert problem.event_id == str(Event.objects.get(position=7).pk)


def test_the_report_names_the_gap(workspace: Workspace) -> None:
    happen(workspace, 20)
    seal_all(at=timezone.now())
    found = found_after(workspace, "DELETE FROM events_event WHERE position BETWEEN 5 AND 8")
    [problem] = found.problems
    assert (problem.position, problem.what) == (5, "is missing, and all up to 8")


def test_a_tail_cut_off_with_its_seals_is_found_by_a_head_kept_elsewhere(workspace: Workspace) -> None:
    happen(workspace, 20)
    seal(chain_of(workspace), at=timezone.now(), limit=10)
    seal(chain_of(workspace), at=timezone.now(), limit=10)
    kept = heads_from({"heads": [head.stated() for head in heads()]})
    Event.objects.filter(position__gt=10).delete()
    Seal.objects.filter(last_position__gt=10).delete()
    assert all(found.is_whole for found in verify())
    [found] = verify(expect=kept)
    assert not found.is_whole
    assert "cut off" in found.problems[0].what


def test_a_chain_that_vanished_is_found_by_a_head_kept_elsewhere(workspace: Workspace) -> None:
    happen(workspace, 5)
    seal_all(at=timezone.now())
    kept = heads()
    Event.objects.all().delete()
    Seal.objects.all().delete()
    assert [found.is_whole for found in verify(expect=kept)] == [False]


def test_a_head_kept_elsewhere_still_holds_when_the_chain_grew(workspace: Workspace) -> None:
    happen(workspace, 5)
    seal_all(at=timezone.now())
    kept = heads()
    happen(workspace, 6)
    seal_all(at=timezone.now())
    assert [found.is_whole for found in verify(expect=kept)] == [True]


def test_another_audit_key_verifies_nothing(workspace: Workspace, settings: Any) -> None:
    happen(workspace, 5)
    seal_all(at=timezone.now())
    settings.AUDIT_KEY = "another"
    assert not verify_chain(chain_of(workspace)).is_whole


def test_a_file_that_holds_no_heads_says_so() -> None:
    for stated in ({}, {"heads": [{"organisation": "x"}]}, {"heads": 3}):
        with pytest.raises(ValueError, match="choir audit heads"):
            heads_from(stated)
