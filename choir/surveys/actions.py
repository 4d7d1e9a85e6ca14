"""Asking a customer, once, and keeping what they say."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from choir.customers.models import Customer
from choir.inbox.actions import about, held, tell
from choir.inbox.models import Conversation, State
from choir.outbound.actions import send_automatic
from choir.outbound.refusals import RefusedError
from choir.surveys.links import address_of
from choir.surveys.models import HIGHEST, LOWEST, Survey, SurveyPolicy
from choir.surveys.words import words_in

MOST_WORDS = 2_000


class NoSuchScoreError(Exception):
    """A score from 1 to 5 was expected."""


@transaction.atomic
def ask(conversation: Conversation, policy: SurveyPolicy, *, at: dt.datetime) -> Survey | None:
    """Ask the customer of a resolved conversation how it went, through the gate of all that leaves. None where it is no
    longer resolved, was asked about before, or the customer was asked too short a time ago; what the gate refuses is
    kept with its reason and never tried again."""
    row = held(conversation)
    # Two threads of one customer ask one after the other.
    Customer.objects.select_for_update(of=("self",)).get(pk=row.customer_id)
    lately = Survey.objects.filter(customer=row.customer_id, asked_at__gt=at - dt.timedelta(days=policy.pause_days))
    if row.state != State.RESOLVED or Survey.objects.filter(conversation=row).exists() or lately.exists():
        return None
    words = words_in(row.language)
    survey = Survey.objects.create(
        workspace_id=row.workspace_id,
        conversation=row,
        customer_id=row.customer_id,
        language=words.language,
        asked_at=at,
    )
    text = words.ask.format(name=row.workspace.organisation.name, link=address_of(survey))
    try:
        survey.message = send_automatic(row, text=text, key=f"survey-{survey.pk.hex}", at=at).message
    except RefusedError as refused:
        survey.because = str(refused)
        survey.save(update_fields=["because"])
        return survey
    survey.save(update_fields=["message"])
    tell(row, "survey.asked", by=None, at=at, facts=about(row) | {"survey": str(survey.pk)}, what="message")
    return survey


@transaction.atomic
def take_answer(survey: Survey, *, score: int, at: dt.datetime) -> Survey:
    """What the customer says stands from now on; what they said before stays. Raises NoSuchScoreError."""
    if not LOWEST <= score <= HIGHEST:
        raise NoSuchScoreError(f"A score is a number from {LOWEST} to {HIGHEST}.")
    conversation = held(survey.conversation)
    row = Survey.objects.select_for_update().get(pk=survey.pk)
    if row.answered_at is not None:
        return row
    row.score, row.answered_at = score, at
    row.save(update_fields=["score", "answered_at"])
    facts = about(conversation) | {"survey": str(row.pk), "score": score}
    tell(conversation, "survey.answered", by=None, at=at, facts=facts)
    return row


@transaction.atomic
def take_comment(survey: Survey, *, comment: str, at: dt.datetime) -> None:
    """Their words beside the score, once; nothing happens without a score, without words, or the second time."""
    conversation = held(survey.conversation)
    row = Survey.objects.select_for_update().get(pk=survey.pk)
    said = comment.strip()[:MOST_WORDS]
    if row.answered_at is None or row.comment or not said:
        return
    row.comment = said
    row.save(update_fields=["comment"])
    facts = about(conversation) | {"survey": str(row.pk)}
    tell(conversation, "survey.commented", by=None, at=at, facts=facts)
