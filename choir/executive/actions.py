"""What a leader does with a customer they hear: reads, keeps, asks, and answers in person through the gate that
everybody uses: the owning team drafts, policy asks for approval, and it leaves once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.events.actions import record
from choir.executive.models import Attention, Brief, BriefPolicy, BriefReader, Hearing
from choir.inbox.actions import NotPossibleError
from choir.inbox.consulting import ask
from choir.inbox.models import Consult
from choir.outbound.actions.drafts import save_draft
from choir.outbound.models import DraftKind
from choir.people.models import Department, Person, Workspace
from choir.people.policy import Permission

ANSWER_WITHIN = dt.timedelta(days=1)
DRAFT_WANTED = "Please draft an answer that I send in my own name."


@transaction.atomic
def read(hearing: Hearing, *, by: Person, at: dt.datetime) -> Attention:
    """The person has read what the customer said; recorded the first time."""
    _may_hear(hearing, by)
    attention, is_new = Attention.objects.get_or_create(
        workspace_id=hearing.workspace_id, hearing=hearing, person=by, defaults={"read_at": at}
    )
    if is_new:
        _tell(hearing, "hearing.read", by=by, at=at)
    return attention


@transaction.atomic
def star(hearing: Hearing, *, is_starred: bool, by: Person, at: dt.datetime) -> Attention:
    """The person keeps it with a star, or no longer does."""
    attention = read(hearing, by=by, at=at)
    if (attention.starred_at is not None) != is_starred:
        attention.starred_at = at if is_starred else None
        attention.save(update_fields=["starred_at"])
        _tell(hearing, "hearing.starred" if is_starred else "hearing.unstarred", by=by, at=at)
    return attention


@transaction.atomic
def put_question(hearing: Hearing, *, department: Department, question: str, by: Person, at: dt.datetime) -> Consult:
    """The person asks a department about it, by a consult that is answered within a day."""
    read(hearing, by=by, at=at)
    return ask(
        hearing.conversation, department=department, question=question, answer_by=at + ANSWER_WITHIN, by=by, at=at
    )


@transaction.atomic
def want_draft(hearing: Hearing, *, wish: str, by: Person, at: dt.datetime) -> Consult:
    """The person wants to answer this customer: the department that has it is asked to draft it, by a consult. Refuses
    while a draft of theirs is on its way, and where no department has the conversation."""
    conversation = hearing.conversation
    conversation.require(by, Permission.CONVERSATION_ANSWER)
    attention = read(hearing, by=by, at=at)
    if attention.drafting is not None and attention.drafting.answered_at is None:
        raise NotPossibleError(
            f"{attention.drafting.department} is drafting it already. It will be here, in Today too."
        )
    if conversation.department is None:
        raise NotPossibleError(
            "No department has this conversation. Open it, and hand it to the one that should draft."
        )
    question = f"{DRAFT_WANTED}\n\n{wish.strip()}".strip()
    attention.drafting = ask(
        conversation, department=conversation.department, question=question, answer_by=at + ANSWER_WITHIN, by=by, at=at
    )
    attention.save(update_fields=["drafting"])
    _tell(hearing, "hearing.draft_wanted", by=by, at=at, of=conversation.department.slug)
    return attention.drafting


@transaction.atomic
def take_draft(hearing: Hearing, *, by: Person, at: dt.datetime) -> None:
    """What the team drafted stands in the person's composer, to be read, changed and sent like any answer."""
    _may_hear(hearing, by)
    attention = Attention.objects.filter(hearing=hearing, person=by).select_related("drafting").first()
    drafting = attention.drafting if attention is not None else None
    if drafting is None or drafting.answered_at is None:
        raise NotPossibleError("Nobody has drafted it yet. You see it here and in Today once somebody has.")
    conversation = drafting.conversation
    save_draft(
        conversation, kind=DraftKind.REPLY, text=drafting.answer, seen_revision=conversation.revision, by=by, at=at
    )
    _tell(hearing, "hearing.draft_taken", by=by, at=at)


@transaction.atomic
def ask_for_briefs(workspace: Workspace, *, wanted: bool, by: Person, at: dt.datetime) -> None:
    """The person gets each brief by e-mail from the next one on, or no longer."""
    by.access.require(Permission.BRIEF_READ, workspace_id=workspace.pk)
    if not wanted:
        BriefReader.objects.filter(workspace=workspace, person=by).delete()
        return
    last = Brief.objects.filter(workspace=workspace).order_by("-last_on").values_list("last_on", flat=True).first()
    BriefReader.objects.get_or_create(workspace=workspace, person=by, defaults={"since": at, "sent_to": last})


@transaction.atomic
def write_on(workspace: Workspace, *, weekday: int, by: Person, at: dt.datetime) -> BriefPolicy:
    """Briefs are written on this weekday (0 is Monday) from now on."""
    by.access.require(Permission.BRIEF_MANAGE, workspace_id=workspace.pk)
    policy, _ = BriefPolicy.objects.update_or_create(workspace=workspace, defaults={"weekday": weekday})
    record(
        verb="brief_policy.set", subject=workspace, organisation_id=workspace.organisation_id,
        workspace_id=workspace.pk, at=at, by=by, facts={"weekday": weekday},
    )  # fmt: skip
    return policy


def _may_hear(hearing: Hearing, by: Person) -> None:
    by.access.require(Permission.CUSTOMER_HEAR, workspace_id=hearing.workspace_id)
    hearing.conversation.require(by, Permission.CONVERSATION_READ)


def _tell(hearing: Hearing, verb: str, *, by: Person, at: dt.datetime, **facts: object) -> None:
    about = {"conversation": str(hearing.conversation_id), **facts}
    record(
        verb=verb, subject=hearing, organisation_id=by.organisation_id, workspace_id=hearing.workspace_id, at=at, by=by,
        facts=about,
    )  # fmt: skip
