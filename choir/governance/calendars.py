"""Meetings as calendars understand them (RFC 5545): one to invite to, all of them as a feed to subscribe to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress, vText

from choir.governance.models import Committee, Meeting
from choir.people.models import Person

MAKER = "-//Choir//Committee//EN"
REFRESH = "PT1H"


def invitation(meeting: Meeting, people: Sequence[Person], *, at: dt.datetime) -> bytes:
    """An invitation to one meeting, or its cancellation (RFC 5546 REQUEST, CANCEL)."""
    calendar = _calendar("CANCEL" if meeting.cancelled_at else "REQUEST")
    event = _event(meeting, at=at)
    event.add("organizer", _address(settings.DEFAULT_FROM_EMAIL))
    for person in people:
        attendee = vCalAddress(f"mailto:{person.email}")
        attendee.params["CN"] = vText(person.name)
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["RSVP"] = vText("TRUE")
        event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def feed(committee: Committee, meetings: Iterable[Meeting], *, at: dt.datetime) -> bytes:
    """A committee's meetings to subscribe to, those called off among them, so that calendars take them out."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", f"{committee.name}, {committee.workspace}")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"}, encode=False)
    for meeting in meetings:
        calendar.add_component(_event(meeting, at=at))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def address_of(meeting: Meeting) -> str:
    """The meeting's page."""
    where = {"workspace": meeting.workspace.slug, "number": meeting.number}
    return f"{settings.PUBLIC_URL}{reverse('committee_meeting', kwargs=where)}"


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(meeting: Meeting, *, at: dt.datetime) -> Event:
    committee = meeting.committee
    event = Event()
    event.add("uid", f"{meeting.pk}@choir")
    event.add("dtstamp", at.astimezone(dt.UTC))
    event.add("dtstart", meeting.begins_at.astimezone(committee.zone))
    event.add("dtend", meeting.ends_at.astimezone(committee.zone))
    event.add("sequence", meeting.revision)
    event.add("status", "CANCELLED" if meeting.cancelled_at else "CONFIRMED")
    event.add("summary", f"{committee.name}: meeting {meeting.number}")
    event.add("description", f"Agenda and papers: {address_of(meeting)}")
    event.add("url", address_of(meeting))
    if committee.place:
        event.add("location", committee.place)
    return event


def _address(sender: str) -> vCalAddress:
    plain = sender.rsplit("<", 1)[-1].rstrip(">").strip()
    address = vCalAddress(f"mailto:{plain}")
    address.params["CN"] = vText("Choir")
    return address
