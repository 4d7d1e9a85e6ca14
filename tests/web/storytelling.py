"""Weeks of work for a story: what comes is routed for real, and answered and measured as if it had happened."""

import datetime as dt
import re
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from choir.flow.route import route
from choir.inbox.models import Assignment, Conversation
from choir.measurement.models import Course, Progress, Stretch
from choir.people.models import Person
from tests.cast import NOON, Cast
from tests.conversing import arrived, opened, read_as

DAY, HOUR = dt.timedelta(days=1), 3600
SLOW, QUICK = 9, 1  # hours to the first answer


class Clock:
    """What time it is, for the pages too."""

    at = NOON


def page(person: Person, name: str, query: str = "", **where: object) -> str:
    return browser(person).get(url(name, **where) + query).content.decode()


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, /, **where: object) -> str:
    return reverse(name, kwargs={"workspace": "acme", **where})


def measured(company: Cast, made: Conversation, *, hours: float) -> None:
    """It was answered after so many hours by the department that has it, and resolved."""
    began = made.first_inbound_at
    assert began is not None
    done = began + dt.timedelta(hours=hours)
    place = {"workspace": company.workspace, "channel": made.channel, "objective": made.objective, "language": "en"}
    Course.objects.create(
        **place, conversation=made, department=made.department, arrived_at=began, needed_reply=True, answers_count=1,
        answered_at=done, answering_department=made.department, answering_team=made.team,
        first_response_seconds=int(hours * HOUR), first_response_business_seconds=int(hours * HOUR),
        first_resolved_at=done, resolved_at=done, resolution_seconds=int(hours * HOUR),
        resolution_business_seconds=int(hours * HOUR), response_promise_at=began + dt.timedelta(hours=4),
        response_promise_is_met=hours <= 4, measured_at=done,
    )  # fmt: skip
    Stretch.objects.create(**place, conversation=made, department=made.department, began_at=began, ended_at=done)


def counted(company: Cast, at: dt.datetime) -> None:
    Progress.objects.update_or_create(workspace=company.workspace, defaults={"at": at})


def past(company: Cast, department: str, *, hours: float, count: int, since: int, objective: str = "care") -> None:
    """Conversations of the days before, a few each day, each answered after about so many hours."""
    cell = next(one for one in company.objectives[objective].ownership.all() if not one.topic)
    for number in range(count):
        made = opened(company, department=department, objective=objective, at=NOON - (since - number % since) * DAY)
        Assignment.objects.filter(conversation=made).update(ownership=cell)
        measured(company, made, hours=hours * (0.7 + 0.6 * (number % 7) / 6))


def day_of(company: Cast, at: dt.datetime, *, count: int = 4) -> list[Conversation]:
    """What comes on a day is routed, and answered as whoever has it does; those about care."""
    made = []
    for objective, n in (("care", count), ("sales", 1)):
        for _ in range(n):
            one = arrived(company, "Where is my parcel?", at=at)
            read_as(company, one.messages.get(), objective=objective)
            made.append(one)
    while route(at=at):
        pass
    for number, one in enumerate(made):
        one.refresh_from_db()
        is_quick = one.department == company.departments["operations"]
        hours = 3 if number >= count else QUICK if is_quick else SLOW
        measured(company, one, hours=hours * (0.8 + 0.1 * (number % 5)))
    return made[:count]


@dataclass
class Story:
    """Who it happens to, and when it is."""

    company: Cast
    clock: Clock

    @property
    def cho(self) -> Person:
        """The champion, by whose hand most of it happens."""
        return self.company.cho

    def figure(self, label: str, page: str) -> str:
        """The figure of a tile, as it is read."""
        found = re.search(rf"tile__label\">{label}</span>\s*<span class=\"tile__figure\">([^<]*)<", page)
        assert found is not None, label
        return found[1].strip()

    def time_is(self, at: dt.datetime) -> None:
        """The clock is moved on, and everything until then is measured."""
        self.clock.at = at
        counted(self.company, at)
