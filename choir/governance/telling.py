"""Telling people by e-mail, where the installation can send any: invitations to meetings, reminders of actions."""

from __future__ import annotations

import datetime as dt
import smtplib
import uuid

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q

from choir.governance.calendars import address_of, invitation
from choir.governance.models import ActionItem, Meeting, Seat
from choir.people.models import Person

log = structlog.get_logger()

INVITED_AHEAD = dt.timedelta(days=14)
REMINDED_AHEAD = dt.timedelta(days=1)
AT_ONCE = 20
WRITES_TO_LOG = "django.core.mail.backends.console.EmailBackend"


def can_send() -> bool:
    """Whether mail leaves this installation, or is only written to its log."""
    return bool(settings.EMAIL_BACKEND != WRITES_TO_LOG)


def invite(*, at: dt.datetime) -> int:
    """Send the invitations, new times and cancellations that have not left yet; how many meetings."""
    if not can_send():
        return 0
    wanted = Q(cancelled_at=None, begins_at__lte=at + INVITED_AHEAD) | Q(cancelled_at__isnull=False)
    due = Meeting.objects.filter(wanted, invited_at=None, opened_at=None, begins_at__gt=at)
    return sum(_invite(pk, at=at) for pk in due.order_by("begins_at").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _invite(pk: uuid.UUID, *, at: dt.datetime) -> int:
    meeting = (
        Meeting.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("committee__workspace", "workspace")
        .filter(pk=pk, invited_at=None)
        .first()
    )
    if meeting is None:
        return 0
    people = _invited(meeting)
    when = meeting.begins_at.astimezone(meeting.committee.zone)
    called_off = meeting.cancelled_at is not None
    said = f"{meeting.committee.name}: {when:%A %-d %B %Y, %H:%M} ({meeting.committee.time_zone})"
    what = "This meeting is called off." if called_off else f"Agenda and papers: {address_of(meeting)}"
    mail = EmailMultiAlternatives(
        subject=("Called off: " if called_off else "") + said,
        body=f"{said}\n{meeting.committee.place}".rstrip() + f"\n\n{what}\n",
        to=[one.email for one in people],
    )
    entry = invitation(meeting, people, at=at).decode()
    # The part beside the text is what programs offer to accept; the file is for those that do not know it (RFC 6047).
    mail.attach_alternative(entry, f"text/calendar; method={'CANCEL' if called_off else 'REQUEST'}")
    mail.attach("meeting.ics", entry, "application/ics")
    if people and not sent(mail):
        return 0
    Meeting.objects.filter(pk=meeting.pk).update(invited_at=at)
    return 1


def remind(*, at: dt.datetime) -> int:
    """Remind of actions that are due tomorrow or before, once; how many."""
    if not can_send():
        return 0
    due = ActionItem.objects.filter(done_at=None, reminded_at=None, due_on__lte=(at + REMINDED_AHEAD).date())
    return sum(_remind(pk, at=at) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _remind(pk: uuid.UUID, *, at: dt.datetime) -> int:
    action = (
        ActionItem.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("owner", "meeting__committee", "meeting__workspace")
        .filter(pk=pk, reminded_at=None, done_at=None)
        .first()
    )
    if action is None:
        return 0
    mail = EmailMessage(
        subject=f"Due {action.due_on:%-d %B}: {action.title}",
        body=f"You promised this to the {action.meeting.committee.name} for {action.due_on:%A %-d %B %Y}:\n\n"
        f"{action.title}\n\n{address_of(action.meeting)}\n",
        to=[action.owner.email],
    )
    if not sent(mail):
        return 0
    ActionItem.objects.filter(pk=action.pk).update(reminded_at=at)
    return 1


def _invited(meeting: Meeting) -> list[Person]:
    seats = Seat.objects.filter(committee=meeting.committee_id).select_related("person", "deputy")
    people = [person for one in seats for person in (one.person, one.deputy) if person is not None and person.is_active]
    return sorted(people, key=lambda one: one.name)


def sent(mail: EmailMessage) -> bool:
    """Whether the mail server took it; one that does not is asked again a minute later."""
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as failure:
        log.warning("mail.not_sent", error=type(failure).__name__)
        return False
    return True
