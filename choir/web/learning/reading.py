"""What the learning page shows, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from choir.flow.accuracy import Accuracy
from choir.flow.learn import next_try, taught
from choir.inbox.models import Conversation, Message
from choir.people.models import Person, Workspace
from choir.routing.choose import language_name
from choir.triage.learning.models import Adaptation, Example, Standing

FIELDS: dict[str, str | Promise] = {
    "objective": _("Objective"),
    "department": _("Department"),
    "sentiment": _("Mood"),
    "intent": _("Intent"),
    "needs_reply": _("Needs a reply"),
}
SHOWN = 25
FEW = 10  # of fewer, a share says little and is set back


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field that can be learnt: how much was taught, and what is in force."""

    name: str
    title: str | Promise
    examples: int
    next_at: int
    in_force: Adaptation | None
    last: Adaptation | None
    is_chosen: bool

    @property
    def is_due(self) -> bool:
        """Enough was taught for another try, which a worker is at or comes to next."""
        return self.examples >= self.next_at


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One part's accuracy."""

    name: str
    percent: int
    right: int
    worked_on: int
    is_small: bool
    key: str
    share: float


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version with its judgement in words."""

    version: Adaptation
    before: float
    after: float
    gained: int
    lost: int
    stood: int
    corrected: int
    way: str
    is_in_force: bool
    curve: list[tuple[int, float, float]]  # examples, right in per cent and as a part
    languages: list[tuple[str, int, float, float, float, float]]  # texts; before and after, in per cent, as parts


def field_rows(workspace: Workspace, chosen: str) -> list[FieldRow]:
    """Every field, with what is in force."""
    counts = taught(workspace)
    versions = list(Adaptation.objects.filter(workspace=workspace).defer("kept").order_by("number"))
    rows = []
    for name, title in FIELDS.items():
        own = [one for one in versions if one.field == name]
        in_force = next((one for one in own if one.standing == Standing.IN_FORCE), None)
        last = own[-1] if own else None
        rows.append(FieldRow(name, title, counts[name], next_try(workspace, name), in_force, last, name == chosen))
    return rows


def split_rows(found: Sequence[Accuracy], *, are_languages: bool = False) -> list[SplitRow]:
    """Accuracies with their share as a percentage."""
    return [
        SplitRow(
            (language_name(one.name) if are_languages else one.name) or "–",
            round(100 * one.share),
            one.right,
            one.worked_on,
            one.worked_on < FEW,
            one.key or "none",
            one.share,
        )
        for one in found
    ]


def version_rows(workspace: Workspace, field: str, *, most: int | None = SHOWN) -> list[VersionRow]:
    """The versions of a field, newest first."""
    rows = Adaptation.objects.filter(workspace=workspace, field=field).defer("kept").select_related("ended_by")
    return [_version(one) for one in rows.order_by("-number")[:most]]


def _version(version: Adaptation) -> VersionRow:
    judged: dict[str, Any] = version.judgement
    return VersionRow(
        version=version,
        before=100 * judged.get("before", 0.0),
        after=100 * judged.get("after", 0.0),
        gained=judged.get("gained", 0),
        lost=judged.get("lost", 0),
        stood=judged.get("stood", 0),
        corrected=round(100 * judged.get("corrected_after", 0.0)),
        way=judged.get("way", ""),
        is_in_force=version.standing == Standing.IN_FORCE,
        curve=[(size, 100 * share, share) for size, share in judged.get("curve", [])],
        languages=[
            (language_name(code), n, 100 * before, 100 * after, before, after)
            for code, (n, before, after) in judged.get("by_language", {}).items()
        ],
    )


def latest_examples(workspace: Workspace, person: Person, field: str, *, most: int | None = SHOWN) -> list[Example]:
    """The newest examples of a field whose conversation the person may read, with its id."""
    seen = Conversation.objects.visible_to(person).filter(workspace=workspace)
    message = Message.objects.filter(mention=OuterRef("mention"), conversation__in=seen)
    rows = (
        Example.objects.filter(workspace=workspace, field=field)
        .annotate(conversation_id=Subquery(message.values("conversation_id")[:1]))
        .filter(conversation_id__isnull=False)
        .select_related("by", "mention")
    )
    return list(rows.order_by("-at", "-id")[:most])
