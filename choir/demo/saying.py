"""What customers say: it arrives, is read by triage, and finds or reopens its conversation."""

from __future__ import annotations

import datetime as dt

from choir.channels.actions import key_of
from choir.channels.connectors.sandbox.mapping import raw_of
from choir.channels.models import Arrival, ArrivalSource
from choir.demo import promises
from choir.demo.case import Case
from choir.demo.placing import route
from choir.demo.world import World
from choir.flow.judge import reads_as
from choir.inbox.models import Direction, Message, State
from choir.inbox.showing import EXCERPT_CHARACTERS
from choir.listening.models import Mention
from choir.sandbox.models import Post
from choir.sandbox.wire import entry, path
from choir.triage.actions import reading_of

HEARD_AFTER = dt.timedelta(milliseconds=300)
READ_AFTER = dt.timedelta(milliseconds=700)


def says(world: World, case: Case, at: dt.datetime, *, number: int) -> None:
    """The customer says something; what follows of itself follows."""
    case.happened_at = at
    post = put_up(world, case, case.thread.turns[number].text, at=at)
    mention = _heard(world, case, post, at=at)
    message = _appended(world, case, mention, at=at)
    is_new = not case.readings
    if is_new:
        case.conversation.created_at = at + HEARD_AFTER
        world.tell(case, "conversation.arrived", at=at)
    world.tell(
        case,
        "message.received",
        at=at,
        facts={"message": str(message.pk), "mention": str(mention.pk), "channel": str(case.presence.channel.pk)},
    )
    was = State(case.conversation.state)
    if not is_new:
        _take_up(world, case, was, at=at)
    _understood(world, case, mention, at=at + READ_AFTER)
    if case.conversation.state == State.ARRIVING:
        route(world, case, at=at + 2 * READ_AFTER)


def put_up(world: World, case: Case, text: str, *, at: dt.datetime, is_ours: bool = False) -> Post:
    """The sandbox network has it."""
    company = case.presence.account
    company.last_number += 1
    first = case.posts[0] if case.posts else None
    is_private = case.thread.kind == "direct"
    kind = case.thread.kind if first is None or is_private else "reply"
    post = Post(
        author=company if is_ours else case.account,
        company=company,
        number=company.last_number,
        parent=case.posts[-1] if case.posts else None,
        root=first,
        kind=kind,
        text=text,
        stars=case.thread.stars if first is None else None,
        is_private=is_private,
        posted_at=at,
        announced_at=at,
    )
    case.posts.append(world.rows.add(post, at=at))
    return post


def _heard(world: World, case: Case, post: Post, *, at: dt.datetime) -> Mention:
    raw = raw_of(entry(post))
    channel, workspace = case.presence.channel, world.company.workspace
    arrival = world.rows.add(
        Arrival(
            workspace=workspace,
            channel=channel,
            key=key_of(raw),
            source=ArrivalSource.WEBHOOK,
            payload=raw.payload,
            received_at=at,
            heard_at=at + HEARD_AFTER,
        ),
        at=at,
    )
    mention = Mention(
        workspace=workspace,
        channel=channel,
        arrival=arrival,
        identity=case.identity,
        external_id=str(post.pk),
        parent_external_id=str(post.parent_id or ""),
        thread_external_id=str(post.root_id or post.pk),
        kind=post.kind,
        is_private=post.is_private,
        text=post.text,
        stars=post.stars,
        url=path(post),
        posted_at=at,
        received_at=at,
        read_at=at + READ_AFTER,
    )
    return world.rows.add(mention, at=at)


def _appended(world: World, case: Case, mention: Mention, *, at: dt.datetime) -> Message:
    row = case.conversation
    message = Message(
        workspace=world.company.workspace,
        conversation=row,
        direction=Direction.INBOUND,
        arrival=mention.arrival,
        mention=mention,
        identity=case.identity,
        in_reply_to=mention.parent_external_id,
        external_id=mention.external_id,
        text=mention.text,
        url=mention.url,
        at=at,
        sent_at=at,
    )
    case.question = world.rows.add(message, at=at)
    row.messages_count += 1
    row.revision += 1
    row.first_inbound_at = row.first_inbound_at or at
    row.last_inbound_at = row.last_message_at = at
    row.waiting_since = row.waiting_since or at
    row.excerpt = " ".join(mention.text.split())[:EXCERPT_CHARACTERS]
    return message


def _take_up(world: World, case: Case, was: State, *, at: dt.datetime) -> None:
    """What was closed is work again, with whoever had it; what nobody ever had is routed."""
    row = case.conversation
    if was == State.OPEN:
        promises.customer_waits(world, case, at=at)
        return
    has_owner = row.team is not None and was != State.NOTED
    row.state, row.state_at, row.snoozed_until = State.OPEN if has_owner else State.ARRIVING, at, None
    if has_owner:
        promises.customer_waits(world, case, at=at)
    because = "The customer wrote again."
    world.tell(case, "conversation.reopened", at=at, because=because, facts={"was": str(was)})


def _understood(world: World, case: Case, mention: Mention, *, at: dt.datetime) -> None:
    """Triage's reading, and what lists show of it."""
    read = case.reads[len(case.readings)]
    reading = reading_of(mention, read, at=at, terms=world.terms, fitting=world.fitting.get(id(read)))
    world.rows.add(reading, at=at)
    case.readings.append(reading)
    reads_as(case.conversation, reading)
