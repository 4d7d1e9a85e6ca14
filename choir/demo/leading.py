"""The demo company's leaders: weeks of briefs, the customers they heard, what they asked. Everything by the same
actions as on the pages, at the times at which it would have been."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from choir.demo.company import CONTENT, Company
from choir.events.actions import record
from choir.executive.actions import put_question, read, star, want_draft
from choir.executive.models import BriefPolicy, Hearing
from choir.executive.weeks import WEEK, WRITTEN_HOUR, Looked
from choir.executive.writing import write
from choir.governance.agenda.writing import write_agenda
from choir.governance.models import Meeting
from choir.inbox.consulting import answer_consult
from choir.inbox.models import Conversation, Direction, Message
from choir.inbox.showing import refresh
from choir.measurement.measure import keep_courses, rebuild
from choir.measurement.models import Progress
from choir.measurement.question import DAY, midnight
from choir.outbound.models import Delivery, DeliveryState
from choir.people.models import Person
from choir.strategy.models import KPI
from choir.strategy.outlook import keep_outlook

HOUR = dt.timedelta(hours=1)
ANSWERED_AFTER = 5 * HOUR


def lead(company: Company, *, at: dt.datetime) -> None:
    """Briefs are written on today's weekday, whatever that is: those of the last weeks, and this morning's. The rows of
    all conversations are written already."""
    told = tomllib.loads((CONTENT / "leaders.toml").read_text(encoding="utf-8"))
    zone = ZoneInfo(company.organisation.time_zone)
    today = (at.astimezone(zone) - WRITTEN_HOUR * HOUR).date()
    BriefPolicy.objects.create(workspace=company.workspace, weekday=today.weekday())
    rebuild(company.workspace, at=at)
    for kpi in KPI.objects.filter(workspace=company.workspace).select_related("workspace__organisation"):
        keep_outlook(kpi, at=at)
    following = Meeting.objects.planned().filter(workspace=company.workspace, begins_at__gt=at).order_by("begins_at")
    write_agenda(following[0], at=at)
    progress = Progress.objects.get(workspace=company.workspace)
    questions, answers = iter(told["questions"]), iter(told["answers"])
    for week, back in enumerate(range(told["weeks"] - 1, -1, -1)):
        morning = midnight(today - back * WEEK * DAY, zone) + WRITTEN_HOUR * HOUR
        brief = write(Looked(company.workspace, today - (back * WEEK + 1) * DAY, progress, morning))
        if brief is None:
            continue
        heard = list(brief.hearings.select_related("conversation__department", "brief"))
        for one in told["leaders"]:
            _hears(company, one, heard, week, begins_at=morning + 2 * HOUR, until=at)
        _asks(company, heard, questions, at=morning + 4 * HOUR, until=at)
        if week and back:
            _writes(company, heard, answers, progress=progress, at=morning + 30 * HOUR)
        if not back:
            _answers(company, heard, told["draft"], at=min(morning + 3 * HOUR, at - 2 * ANSWERED_AFTER))


def _hears(
    company: Company,
    told: dict[str, Any],
    heard: list[Hearing],
    week: int,
    *,
    begins_at: dt.datetime,
    until: dt.datetime,
) -> None:
    """A leader reads some of a week's customers, each its own, and keeps a few."""
    person = company.people[told["name"]]
    offset = len(told["name"])  # so that not everybody reads the same ones
    for number in range(min(told["hears"][week], len(heard))):
        hearing = heard[(offset + number) % len(heard)]
        moment = min(begins_at + number * 20 * HOUR / 3, until - HOUR)
        read(hearing, by=person, at=moment)
        if number % told["stars"] == 0:
            star(hearing, is_starred=True, by=person, at=moment)


def _asks(
    company: Company, heard: list[Hearing], questions: Iterator[dict[str, Any]], *, at: dt.datetime, until: dt.datetime
) -> None:
    """One of them asks the department that has it, and is told."""
    asked = next(questions, None)
    hearing = next((one for one in heard if one.conversation.department is not None), None)
    if asked is None or hearing is None or hearing.conversation.department is None:
        return
    department = hearing.conversation.department
    by = company.people[asked["by"]]
    consult = put_question(
        hearing, department=department, question=asked["question"], by=by, at=min(at, until - 9 * HOUR)
    )
    answerer = _colleague(company, hearing.conversation)
    answer_consult(consult, text=asked["answer"], by=answerer, at=min(at + ANSWERED_AFTER, until - HOUR))


def _writes(
    company: Company, heard: list[Hearing], answers: Iterator[dict[str, Any]], *, progress: Progress, at: dt.datetime
) -> None:
    """One of them writes to a customer whom the team has answered already, and who writes the leaders' language."""
    told = next(answers, None)
    answered = [one for one in heard if one.conversation.language == "en" and one.conversation.last_outbound_at]
    hearing = next((one for one in answered if one.conversation.last_message_at < at), None)
    if told is None or hearing is None:
        return
    conversation, person = hearing.conversation, company.people[told["by"]]
    read(hearing, by=person, at=at - 3 * HOUR)
    asked = conversation.messages.filter(direction=Direction.INBOUND).order_by("-at", "-id")[0]
    message = Message.objects.create(
        workspace=company.workspace, conversation=conversation, direction=Direction.OUTBOUND, person=person,
        in_reply_to=asked.external_id, text=told["text"], at=at, sent_at=at, handling_seconds=6 * 60,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        workspace=company.workspace, channel_id=conversation.channel_id, message=message, key=message.pk.hex,
        state=DeliveryState.SENT, due_at=at, attempts_count=1, first_attempt_at=at, created_at=at, settled_at=at,
    )  # fmt: skip
    refresh({conversation.pk: conversation})
    record(
        verb="message.sent", subject=conversation, organisation_id=company.organisation.pk,
        workspace_id=company.workspace.pk, at=at, by=person,
        facts={"message": str(message.pk), "delivery": str(delivery.pk), "author": str(person.pk), "attempts": 1},
    )  # fmt: skip
    keep_courses(company.workspace, {conversation.pk}, at=progress.at, progress=progress)


def _answers(company: Company, heard: list[Hearing], told: dict[str, Any], *, at: dt.datetime) -> None:
    """A leader wants to answer the first English customer whom a department has; it is drafted."""
    owned = [one for one in heard if one.conversation.department is not None]
    hearing = next((one for one in owned if one.conversation.language == "en"), owned[-1] if owned else None)
    if hearing is None:
        return
    consult = want_draft(hearing, wish=told["wish"], by=company.people[told["by"]], at=at)
    answer_consult(consult, text=told["text"], by=_colleague(company, hearing.conversation), at=at + ANSWERED_AFTER)


def _colleague(company: Company, conversation: Conversation) -> Person:
    """Somebody of the department that has a conversation."""
    slug = next(slug for slug, one in company.departments.items() if one.pk == conversation.department_id)
    return company.people[company.speakers(slug, conversation.language)[0]]
