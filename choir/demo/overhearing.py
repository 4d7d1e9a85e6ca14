"""What strangers say in public about the demo company and its invented competitors, and the queries that find it: three
months with two spikes, one over and one running."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import tomllib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from choir.channels.contract import Kind
from choir.channels.models import Channel
from choir.customers.models import Customer, Identity
from choir.demo.company import CONTENT, Company
from choir.demo.rows import Rows
from choir.demo.schedule import GROWTH, HISTORY, HOURS, WEEKDAYS
from choir.flow.listen import understood
from choir.flow.noticing import acknowledge, notice
from choir.listening.matching import keep, match_past
from choir.listening.models import Mention, Query, Spike
from choir.listening.seeking import Sought, add_query
from choir.listening.wordings import is_public
from choir.triage.actions import reading_of
from choir.triage.models import Reading
from choir.triage.reader import Text, reader

SEED = 31_337
PEOPLE = 220
A_DAY = {"brand": 6.0, "rivals": 3.5, "product": 2.0}  # mentions, before growth
KEPT_AT_ONCE = 500
GOES_ON = (0, 1, 1, 2)  # sentences more
LOOK_EVERY = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    at: dt.datetime


def overhear(company: Company, *, rows: Rows, at: dt.datetime) -> None:
    """Let strangers talk for three months. Nothing is written; the rows are in `rows`."""
    chance = random.Random(SEED)  # noqa: S311 -- an invented company needs no secrets
    stated = _stated()
    said = sorted([*_ordinary(stated, at, chance), *_spikes(stated, at, chance)], key=lambda one: one.at)
    channels = [one for one in company.channels.values() if one.network != "e-mail"]
    people = [(person, chance.choice(channels)) for person in _people(stated, chance)]
    identities: dict[tuple[str, str], Identity] = {}
    reads = reader().read([Text(one.text) for one in said])
    for number, (one, read) in enumerate(zip(said, reads, strict=True)):
        person, channel = chance.choice(people)
        author = _identity(company, channel, person, rows=rows, known=identities, at=one.at)
        mention = Mention(
            workspace=company.workspace,
            channel=channel,
            identity=author,
            external_id=f"overheard-{number}",
            kind=Kind.POST,
            is_addressed=False,
            text=one.text,
            posted_at=one.at,
            received_at=one.at,
            read_at=one.at,
        )
        rows.add(mention, at=one.at)
        rows.add(reading_of(mention, read, at=one.at), at=one.at)


def listen(company: Company, *, rows: Rows, at: dt.datetime) -> None:
    """Keep what queries see of everything said, write the queries, match the past and notice its spikes. The rows are
    written already."""
    readings = {one.mention_id: understood(one) for one in rows.of(Reading) if one.is_current}
    mentions = [one for one in rows.of(Mention) if is_public(one)]
    for start in range(0, len(mentions), KEPT_AT_ONCE):
        keep(mentions[start : start + KEPT_AT_ONCE], readings)
    by = next(company.people[name] for name, line in company.roster.items() if "champion" in line.get("roles", ()))
    for one in _stated()["queries"]:
        sought = Sought(one["name"], one["text"], one["group"], is_ours=one.get("ours", False))
        query = add_query(company.workspace, sought=sought, by=by, at=at - HISTORY)
        _match(query, at=at)
    _notice(company, at=at)
    for spike in Spike.objects.filter(workspace=company.workspace, ended_at__isnull=False):
        acknowledge(spike, by=by, at=spike.found_at + dt.timedelta(minutes=9))


def _match(query: Query, *, at: dt.datetime) -> None:
    while match_past(query.pk, at=at):
        pass


def _notice(company: Company, *, at: dt.datetime) -> None:
    """Look for spikes as it was done then: on the day of the old one, and in the last hours."""
    old = _stated()["spike"]["video"]
    moment = at - dt.timedelta(days=old["days_ago"])
    until = moment + dt.timedelta(hours=old["hours"] + 10)
    while moment < until:
        notice(company.workspace, at=moment)
        moment += LOOK_EVERY
    for back in range(6, -1, -1):
        notice(company.workspace, at=at - back * LOOK_EVERY)


def _stated() -> Mapping[str, Any]:
    return tomllib.loads((CONTENT / "overheard.toml").read_text(encoding="utf-8"))


def _ordinary(stated: Mapping[str, Any], at: dt.datetime, chance: random.Random) -> Iterator[_Said]:
    """Hour by hour, as many as that hour of the day and day of the week usually have."""
    mean_hour, mean_day = sum(HOURS) / len(HOURS), sum(WEEKDAYS) / len(WEEKDAYS)
    hours = int(HISTORY / dt.timedelta(hours=1))
    for back in range(hours, 0, -1):
        hour = at - dt.timedelta(hours=back)
        grown = GROWTH ** (1 - back / hours) / GROWTH**0.5
        factor = HOURS[hour.hour] / mean_hour * WEEKDAYS[hour.weekday()] / mean_day * grown / 24
        for kind, a_day in A_DAY.items():
            for _ in range(_poisson(a_day * factor, chance)):
                yield _Said(_said(stated["said"][kind], stated, chance), _within(hour, chance, at))


def _poisson(mean: float, chance: random.Random) -> int:
    """How many happen of what happens `mean` times on average."""
    count, waited = 0, chance.expovariate(1.0)
    while waited < mean:
        count, waited = count + 1, waited + chance.expovariate(1.0)
    return count


def _within(hour: dt.datetime, chance: random.Random, at: dt.datetime) -> dt.datetime:
    return min(hour + dt.timedelta(seconds=chance.uniform(0, 3600)), at - dt.timedelta(seconds=20))


def _spikes(stated: Mapping[str, Any], at: dt.datetime, chance: random.Random) -> Iterator[_Said]:
    for spike in stated["spike"].values():
        hours = spike.get("hours", spike.get("hours_ago"))
        began = at - dt.timedelta(days=spike.get("days_ago", 0), hours=spike.get("hours_ago", 0))
        for _ in range(spike["count"]):
            moment = began + dt.timedelta(hours=hours * chance.betavariate(1.4, 2.2))
            text = _said(spike["said"], stated, chance)
            yield _Said(text, min(moment, at - dt.timedelta(seconds=chance.uniform(20, 900))))


def _said(subjects: Sequence[Mapping[str, Any]], stated: Mapping[str, Any], chance: random.Random) -> str:
    """Something about one of these subjects, begun one way and mostly gone on with; busier subjects have more ways."""
    subject = chance.choices(subjects, [len(one["begins"]) for one in subjects])[0]
    ways = subject.get("goes_on", [])
    more = chance.sample(ways, k=min(len(ways), chance.choice(GOES_ON)))
    words = {name: chance.choice(found) for name, found in stated["words"][subject["language"]].items()}
    return " ".join([chance.choice(subject["begins"]), *more]).format(**words)


def _people(stated: Mapping[str, Any], chance: random.Random) -> Iterator[tuple[str, str, int]]:
    """Handles, names and how many follow: most few, some very many. No two have one name."""
    named = list(itertools.product(stated["first"], stated["second"]))
    for number, (first, second) in enumerate(chance.sample(named, PEOPLE)):
        followers = int(chance.paretovariate(0.9) * 40)
        yield f"{first}_{second}{number}", f"{first.capitalize()} {second.capitalize()}", followers


def _identity(
    company: Company,
    channel: Channel,
    person: tuple[str, str, int],
    *,
    rows: Rows,
    known: dict[tuple[str, str], Identity],
    at: dt.datetime,
) -> Identity:
    handle, name, followers = person
    if (channel.network, handle) not in known:
        customer = rows.add(Customer(workspace=company.workspace, name=name, created_at=at), at=at)
        identity = Identity(
            workspace=company.workspace,
            customer=customer,
            network=channel.network,
            external_id=f"overheard-{uuid.uuid5(uuid.NAMESPACE_URL, handle)}",
            handle=handle,
            name=name,
            followers_count=min(followers, 900_000),
            first_seen_at=at,
        )
        known[(channel.network, handle)] = rows.add(identity, at=at)
    return known[(channel.network, handle)]
