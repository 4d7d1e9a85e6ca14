"""Invitations by e-mail: once each, and word that a meeting is called off; reminders of actions."""

import datetime as dt

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from icalendar import Calendar

from choir.governance.convening import call_off
from choir.governance.doing import promise_action
from choir.governance.models import Meeting
from choir.governance.telling import invite, remind
from tests.cast import NOON, Cast, cast
from tests.governance.sitting import founded, opened

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def company() -> Cast:
    return cast()


def calendar_of(message: mail.EmailMessage) -> Calendar:
    """The entry that programs offer to accept, as it leaves; the same again as a file."""
    parts = {part.get_content_type(): part for part in message.message().walk()}
    entry, file = parts["text/calendar"], parts["application/ics"]
    assert entry.get_params() == [("text/calendar", ""), ("method", entry.get_param("method")), ("charset", "utf-8")]
    assert file.get_filename() == "meeting.ics"
    said = entry.get_payload(decode=True)
    assert isinstance(said, bytes)
    assert file.get_payload(decode=True) == said
    calendar = Calendar.from_ical(said)
    assert calendar["METHOD"] == entry.get_param("method")
    return calendar


def test_whoever_sits_there_is_invited_once_with_a_calendar_entry(company: Cast) -> None:
    first = founded(company).meetings.order_by("begins_at")[0]
    assert invite(at=NOON) >= 1
    message = next(one for one in mail.outbox if f"{first.begins_at:%-d %B %Y}" in one.subject)
    assert message.subject.startswith("Social committee: Thursday 5 March 2026, 14:30")
    assert set(message.to) == {f"{name}@acme.example" for name in ("lea", "ana", "ben", "leo")}
    calendar = calendar_of(message)
    assert calendar["METHOD"] == "REQUEST"
    entry = calendar.walk("VEVENT")[0]
    assert entry.decoded("DTSTART") == first.begins_at
    sent = len(mail.outbox)
    assert invite(at=NOON) == 0
    assert len(mail.outbox) == sent


def test_a_meeting_called_off_is_called_off_in_calendars_too(company: Cast) -> None:
    first = founded(company).meetings.order_by("begins_at")[0]
    invite(at=NOON)
    uid = calendar_of(mail.outbox[0]).walk("VEVENT")[0]["UID"]
    mail.outbox.clear()
    call_off(first, because="Everybody is at the fair.", by=company.cho, at=NOON)
    assert invite(at=NOON) == 1
    assert mail.outbox[0].subject.startswith("Called off: Social committee")
    calendar = calendar_of(mail.outbox[0])
    assert calendar["METHOD"] == "CANCEL"
    assert calendar.walk("VEVENT")[0]["UID"] == uid


def test_a_mail_that_does_not_leave_is_tried_again(company: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    founded(company)
    with monkeypatch.context() as broken:
        broken.setattr(locmem.EmailBackend, "send_messages", _refused)
        assert invite(at=NOON) == 0
    assert not Meeting.objects.exclude(invited_at=None).exists()
    assert invite(at=NOON) >= 1


def _refused(*_arguments: object) -> int:
    raise OSError("The mail server does not answer.")


def test_an_installation_that_cannot_send_invites_nobody(company: Cast, settings: object) -> None:
    founded(company)
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"  # type: ignore[attr-defined]
    assert invite(at=NOON) == 0
    assert not Meeting.objects.exclude(invited_at=None).exists()


def test_who_promised_is_reminded_the_day_before_once(company: Cast) -> None:
    meeting = opened(company, founded(company))
    mail.outbox.clear()
    due = meeting.begins_at.date() + 3 * DAY
    promise_action(meeting, item=None, title="Tell the depots", owner=company.ana, due_on=due, by=company.cho,
                   at=meeting.begins_at)  # fmt: skip
    assert remind(at=meeting.begins_at) == 0
    assert remind(at=meeting.begins_at + 2 * DAY) == 1
    assert remind(at=meeting.begins_at + 2 * DAY) == 0
    assert mail.outbox[0].to == ["ana@acme.example"]
    assert "Tell the depots" in f"{mail.outbox[0].subject} {mail.outbox[0].body}"
