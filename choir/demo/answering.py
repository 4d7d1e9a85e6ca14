"""What our people answer: taken, approved where policy asks, sent, and on the network."""

from __future__ import annotations

import datetime as dt

from choir.demo import promises
from choir.demo.case import Case
from choir.demo.colleagues import ensure_department, label
from choir.demo.holding import take
from choir.demo.placing import correct
from choir.demo.saying import put_up
from choir.demo.world import World
from choir.inbox.actions import about
from choir.inbox.models import Direction, Message, State
from choir.outbound.actions.sending import APPROVAL_LIFETIME, UNDO_SECONDS
from choir.outbound.models import Approval, ApprovalPolicy, ApprovalVote, Delivery, DeliveryState
from choir.people.models import Person
from choir.sandbox.models import Post
from choir.sandbox.wire import path

ON_ITS_WAY = dt.timedelta(seconds=UNDO_SECONDS, milliseconds=400)
SHARE_CORRECTED = 0.15


def answers(world: World, case: Case, at: dt.datetime, *, number: int) -> None:
    """One of ours answers; `at` is when the network has it."""
    turn, row = case.thread.turns[number], case.conversation
    is_last = number == len(case.thread.turns) - 1
    waiting = world.company.plan["waiting"].get(case.thread.key) if is_last else None
    author = world.person(waiting["author"] if waiting else case.authors[number])
    ensure_department(world, case, turn.department, at=world.before(case, at, most_minutes=6))
    _wake(world, case, author, at=world.before(case, at, most_minutes=5))
    take(world, case, by=author, at=world.before(case, at, most_minutes=4))
    if not row.last_outbound_at:
        label(world, case, by=author, at=world.before(case, at, most_minutes=3))
        _put_mood_right(world, case, author, at=world.before(case, at, most_minutes=2))
    case.is_touched, row.return_at = True, None
    policy = _policy_for(world, case, author)
    if waiting:
        if policy is not None:
            _ask(world, case, policy, turn.text, author, at=at)
        return
    approval = None
    if policy is not None:
        asked_at = world.before(case, at - ON_ITS_WAY, most_minutes=25)
        approval = _ask(world, case, policy, turn.text, author, at=asked_at)
        _approve(world, case, approval, at=asked_at + (at - ON_ITS_WAY - asked_at) * 0.9)
    problem = world.company.plan["problems"].get(case.thread.key) if is_last else None
    _send(world, case, turn.text, author, approval=approval, problem=problem, at=at)
    world.knows[row.customer_id] = author.pk
    case.happened_at = at


def _wake(world: World, case: Case, by: Person, *, at: dt.datetime) -> None:
    """What slept or was over is taken up again by whoever has more to say."""
    row = case.conversation
    if row.state in (State.OPEN, State.ARRIVING):
        return
    was, row.state, row.state_at, row.snoozed_until = row.state, State.OPEN, at, None
    promises.customer_waits(world, case, at=at)
    because = "It does need an answer." if was == State.NOTED else "There is more to say."
    world.tell(case, "conversation.reopened", at=at, by=by, because=because, facts=about(row))
    case.happened_at = at


def _put_mood_right(world: World, case: Case, by: Person, *, at: dt.datetime) -> None:
    read = case.readings[0].sentiment
    if read != case.thread.sentiment and world.chance.random() < SHARE_CORRECTED:
        correct(world, case, by=by, at=at, moves=False, sentiment=case.thread.sentiment)


def _policy_for(world: World, case: Case, author: Person) -> ApprovalPolicy | None:
    """As `choir.outbound.queries.policy_for` decides, without asking the database."""
    row = case.conversation
    roles = world.company.roster[author.name].get("roles", ["agent"])
    for one in world.policies:
        if (
            one.objective_id in (None, row.objective_id)
            and one.department_id in (None, row.department_id)
            and (not one.author_role or one.author_role in roles)
        ):
            return one
    return None


def _ask(world: World, case: Case, policy: ApprovalPolicy, text: str, author: Person, *, at: dt.datetime) -> Approval:
    row = case.conversation
    approval = world.rows.add(
        Approval(
            workspace=world.company.workspace,
            conversation=row,
            policy=policy,
            author=author,
            text=text,
            in_reply_to=case.question.external_id if case.question else "",
            seen_revision=row.revision,
            approvers_count=policy.approvers_count,
            asked_at=at,
            expires_at=at + APPROVAL_LIFETIME,
        ),
        at=at,
    )
    facts = about(row) | {"approval": str(approval.pk), "approvers": policy.approvers_count}
    because = f"Policy “{policy.name}” asks for it."
    world.tell(case, "approval.asked", at=at, by=author, because=because, facts=facts)
    case.happened_at = at
    return approval


def _approve(world: World, case: Case, approval: Approval, *, at: dt.datetime) -> None:
    names = ("Beatrix Noll",) if approval.author.name == "Imke Sorrell" else ("Margit Oduya", "Annika Reuß")
    voter = next(world.person(name) for name in names if name != approval.author.name)
    approval.closed_at, approval.outcome = at, "approved"
    world.rows.add(ApprovalVote(approval=approval, person=voter, is_yes=True, at=at), at=at)
    facts = about(case.conversation) | {"approval": str(approval.pk), "author": str(approval.author_id)}
    world.tell(case, "approval.approved", at=at, by=voter, facts=facts)
    case.happened_at = at


def _send(
    world: World,
    case: Case,
    text: str,
    author: Person,
    *,
    approval: Approval | None,
    problem: dict[str, str] | None,
    at: dt.datetime,
) -> None:
    started_at = max(case.happened_at, at - ON_ITS_WAY)
    delivery = _on_its_way(world, case, text, author, approval, started_at=started_at, at=at)
    row = case.conversation
    row.revision += 1
    row.messages_count += 1
    place = about(row) | {"message": str(delivery.message_id), "delivery": str(delivery.pk)}
    facts = place | {"characters": len(text), "warnings": []}
    world.tell(case, "delivery.started", at=started_at, by=author, facts=facts)
    if problem is not None:
        _stuck(world, case, delivery, problem, at=at)
        return
    _arrive(world, case, delivery.message, put_up(world, case, text, at=at, is_ours=True), at=at)
    facts = place | _seconds(case, at) | {"author": str(author.pk), "attempts": 1}
    facts["delivery_seconds"] = round((at - started_at).total_seconds(), 3)
    row.last_outbound_at = row.last_message_at = at
    row.waiting_since = None
    promises.answered(world, case, at=at)
    world.tell(case, "message.sent", at=at, by=author, facts=facts)


def _on_its_way(
    world: World,
    case: Case,
    text: str,
    author: Person,
    approval: Approval | None,
    *,
    started_at: dt.datetime,
    at: dt.datetime,
) -> Delivery:
    """The message and its delivery, as `outbound` makes them."""
    message = Message(
        workspace=world.company.workspace,
        conversation=case.conversation,
        direction=Direction.OUTBOUND,
        person=author,
        in_reply_to=case.question.external_id if case.question else "",
        text=text,
        at=at,
    )
    delivery = Delivery(
        workspace=world.company.workspace,
        channel=case.presence.channel,
        message=world.rows.add(message, at=started_at),
        approval=approval,
        key=f"{world.chance.getrandbits(128):032x}",
        state=DeliveryState.SENT,
        due_at=at,
        attempts_count=1,
        first_attempt_at=at,
        created_at=started_at,
        settled_at=at,
    )
    return world.rows.add(delivery, at=started_at)


def _arrive(world: World, case: Case, message: Message, post: Post, *, at: dt.datetime) -> None:
    message.external_id, message.url, message.sent_at = str(post.pk), path(post), at


def _seconds(case: Case, at: dt.datetime) -> dict[str, object]:
    """How long the customer waited, as `choir.outbound.actions.attempts` counts it."""
    row = case.conversation
    facts: dict[str, object] = {}
    if row.last_outbound_at is None and row.first_inbound_at is not None:
        facts["first_response_seconds"] = max(0, int((at - row.first_inbound_at).total_seconds()))
    if row.waiting_since is not None:
        facts["response_seconds"] = max(0, int((at - row.waiting_since).total_seconds()))
    return facts


def _stuck(world: World, case: Case, delivery: Delivery, problem: dict[str, str], *, at: dt.datetime) -> None:
    """It did not get through, or nobody can tell: then the network has it, and trying again will find it there."""
    row = case.conversation
    delivery.state, delivery.because = DeliveryState(problem["state"]), problem["because"]
    row.has_problem, row.last_message_at = True, at
    if delivery.state == DeliveryState.UNSURE:
        delivery.settled_at = None
        put_up(world, case, delivery.message.text, at=at, is_ours=True)
    facts = about(row) | {"delivery": str(delivery.pk), "message": str(delivery.message_id)}
    world.tell(case, f"delivery.{delivery.state}", at=at, because=delivery.because, facts=facts)
