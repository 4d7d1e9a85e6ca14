"""The address of one survey: its id, signed, so that nobody can answer for somebody else by guessing."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer

from choir.surveys.models import Survey


def address_of(survey: Survey) -> str:
    """The whole address, as it stands in the message."""
    return f"{settings.PUBLIC_URL}/s/{_signer().sign(survey.pk.hex)}"


def survey_at(signed: str) -> Survey | None:
    """The survey that a link names; None where nobody signed it or it is gone."""
    try:
        pk = uuid.UUID(_signer().unsign(signed))
    except (BadSignature, ValueError):
        return None
    return Survey.objects.select_related("conversation__workspace__organisation").filter(pk=pk).first()


def _signer() -> Signer:
    return Signer(sep=".", salt="choir.survey")
