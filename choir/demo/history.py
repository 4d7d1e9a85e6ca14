"""Three months retold: every thread's turns at their times, and between them what people and Choir did."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from functools import partial

from choir.customers.models import Customer, Identity
from choir.demo import ending
from choir.demo.answering import answers
from choir.demo.case import Case
from choir.demo.colleagues import consults, hands_over, notes, put_right
from choir.demo.company import Company
from choir.demo.content import Thread
from choir.demo.networks import Presence
from choir.demo.rows import Rows
from choir.demo.saying import says
from choir.demo.schedule import beginnings
from choir.demo.signing import authors
from choir.demo.understanding import fitting
from choir.demo.world import World
from choir.inbox.models import Conversation, Message, Visit
from choir.sandbox.models import Account
from choir.triage.reader import Reading as Read
from choir.triage.reader import Text, reader

EARLIER_TURNS = 3
LONG_PAUSE = dt.timedelta(hours=12)
VIP_FOLLOWERS = 20_000

TURNS: dict[str, Callable[..., None]] = {
    "customer": says, "agent": answers, "note": notes, "consult": consults, "handover": hands_over,
}  # fmt: skip


def retell(
    threads: Sequence[Thread],
    company: Company,
    presences: dict[str, Presence],
    *,
    rows: Rows,
    chance: random.Random,
    at: dt.datetime,
) -> World:
    """Let every thread happen, up to now. Nothing is written; the rows are in `rows`."""
    world = World(company, rows, chance=chance, at=at)
    began = beginnings(threads, company, at=at, chance=chance)
    reads = _reads(threads)
    every = [read for thread in threads for read in reads[thread.key]]
    said = (turn.text for thread in threads for turn in thread.turns if turn.who == "customer")
    world.vectors = {text: read.vector for text, read in zip(said, every, strict=True)}
    world.fitting = dict(zip(map(id, every), fitting(company, every), strict=True))
    strangers: dict[str, Customer] = {}
    known: dict[tuple[str, str], tuple[Account, Identity]] = {}
    for thread in sorted(threads, key=lambda one: began[one.key]):
        presence = presences[thread.network]
        account, identity = _identity(world, thread, presence, strangers, known, at=began[thread.key])
        case = Case(
            thread=thread,
            authors=authors(thread, company),
            began=began[thread.key],
            presence=presence,
            account=account,
            identity=identity,
            reads=reads[thread.key],
            conversation=_conversation(world, thread, presence, identity, at=began[thread.key]),
        )
        _plan(world, case)
    world.run()
    _key_threads(world)
    return world


def _reads(threads: Sequence[Thread]) -> dict[str, list[Read]]:
    """What triage makes of every customer's turn, in one pass, each with the turns before it."""
    texts: list[Text] = []
    of: list[str] = []
    for thread in threads:
        said: list[str] = []
        for turn in thread.turns:
            if turn.who == "customer":
                texts.append(Text(turn.text, tuple(said[-EARLIER_TURNS:])))
                of.append(thread.key)
            if turn.who in ("customer", "agent"):
                said.append(turn.text)
    reads: dict[str, list[Read]] = {thread.key: [] for thread in threads}
    for key, read in zip(of, reader().read(texts), strict=True):
        reads[key].append(read)
    return reads


def _identity(
    world: World,
    thread: Thread,
    presence: Presence,
    strangers: dict[str, Customer],
    known: dict[tuple[str, str], tuple[Account, Identity]],
    *,
    at: dt.datetime,
) -> tuple[Account, Identity]:
    """The customer's account on the network and who they are; the same handle is the same human everywhere."""
    workspace, place = world.company.workspace, presence.account.place
    customer = strangers.get(thread.handle)
    if customer is None:
        customer = Customer(workspace=workspace, name=thread.name, created_at=at)
        strangers[thread.handle] = world.rows.add(customer, at=at)
    customer.is_vip = customer.is_vip or thread.followers >= VIP_FOLLOWERS
    if (place, thread.handle) not in known:
        account = Account(
            place=place,
            handle=thread.handle[:60],
            name=thread.name,
            followers_count=thread.followers,
            created_at=at,
        )
        world.rows.add(account, at=at)
        identity = Identity(
            workspace=workspace,
            customer=customer,
            network=presence.channel.network,
            external_id=str(account.pk),
            handle=account.handle,
            name=account.name,
            url=f"/sandbox/{place}/?as={account.handle}",
            followers_count=thread.followers,
            first_seen_at=at,
        )
        known[(place, thread.handle)] = account, world.rows.add(identity, at=at)
    return known[(place, thread.handle)]


def _conversation(
    world: World, thread: Thread, presence: Presence, identity: Identity, *, at: dt.datetime
) -> Conversation:
    conversation = Conversation(
        workspace=world.company.workspace,
        channel=presence.channel,
        customer=identity.customer,
        is_private=thread.kind == "direct",
        state_at=at,
        last_message_at=at,
        created_at=at,
    )
    world.rows.add(conversation, at=at)
    while not world.side_wanted(thread, conversation):
        conversation.pk = world.rows.id_at(at)
    return conversation


def _plan(world: World, case: Case) -> None:
    """Put a thread's turns on the calendar, and what people do between them."""
    thread = case.thread
    for number, turn in enumerate(thread.turns):
        world.plan(case.moment(number), partial(TURNS[turn.who], number=number), case)
        if number + 1 < len(thread.turns):
            _plan_pause(world, case, number)
    _plan_first_look(world, case)
    _plan_end(world, case)


def _plan_first_look(world: World, case: Case) -> None:
    """When somebody first sees whether triage was right: before the first of us does something."""
    turns = case.thread.turns
    ours = next((case.moment(number) for number, turn in enumerate(turns) if turn.who != "customer"), None)
    soon = dt.timedelta(minutes=world.chance.uniform(3, 60))
    if case.thread.end == "noted":
        world.plan(case.moment(len(turns) - 1) + soon, ending.note_only, case)
    elif ours is not None:
        world.plan(case.began + min(soon, (ours - case.began) * 0.6), put_right, case)
    else:
        world.plan(case.began + soon, put_right, case)


def _plan_pause(world: World, case: Case, number: int) -> None:
    """Before a long silence work is put to rest: until the customer writes again, or until we said we would."""
    turn, after = case.thread.turns[number], case.thread.turns[number + 1]
    at, then = case.moment(number), case.moment(number + 1)
    if turn.who != "agent" or then - at < LONG_PAUSE:
        return
    rests_at = at + dt.timedelta(minutes=world.chance.uniform(1, 12))
    if after.who != "customer":
        world.plan(rests_at, partial(ending.snooze, until=then - dt.timedelta(minutes=15)), case)
    elif world.chance.random() < 0.55:
        world.plan(rests_at, ending.resolve, case)
    elif world.chance.random() < 0.6:
        until = at + dt.timedelta(days=world.chance.randint(1, 3))
        world.plan(rests_at, partial(ending.snooze, until=until), case)


def _plan_end(world: World, case: Case) -> None:
    last = case.moment(len(case.thread.turns) - 1)
    if case.thread.end == "resolved":
        most = 12 if case.thread.turns[-1].who == "agent" else 180
        world.plan(last + dt.timedelta(minutes=world.chance.uniform(1.5, most)), ending.resolve, case)
    elif case.thread.end == "snoozed":
        until = world.at + dt.timedelta(hours=world.chance.uniform(6, 110))
        rests_at = min(last + dt.timedelta(minutes=world.chance.uniform(1, 8)), world.at)
        world.plan(rests_at, partial(ending.snooze, until=until.replace(minute=0, second=0, microsecond=0)), case)


def _key_threads(world: World) -> None:
    """A conversation is known by the first thing said in it; whoever has it has looked at it since."""
    first = {message.conversation_id: message for message in reversed(world.rows.of(Message))}
    for conversation in world.rows.of(Conversation):
        conversation.thread_key = first[conversation.pk].external_id
        if conversation.assignee is not None and conversation.last_outbound_at is not None:
            seen_at = max(conversation.state_at, conversation.last_outbound_at)
            world.rows.add(
                Visit(
                    workspace=world.company.workspace,
                    conversation=conversation,
                    person=conversation.assignee,
                    at=seen_at,
                ),
                at=seen_at,
            )
