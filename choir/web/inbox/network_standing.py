"""How the messages of a page stand on their network: hidden, about to be removed, liked."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, ngettext

from choir.channels import registry
from choir.channels.contract import Capability
from choir.inbox.models import Conversation, Direction, Message
from choir.outbound.models import Deed, Engagement, Moderation, ModerationState
from choir.people.models import Person
from choir.prepared import Slot, one_of, prepared
from choir.web.inbox.contents import Contents

DOING = {
    Deed.REMOVE: gettext_lazy("It is being taken off the network…"),
    Deed.HIDE: gettext_lazy("It is being hidden on the network…"),
    Deed.SHOW: gettext_lazy("It is being shown again on the network…"),
    Deed.REPORT: gettext_lazy("It is being reported to the network…"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one message stands on the network."""

    is_hidden: bool = False
    doing: str = ""
    failure: str = ""
    liked: str = ""
    measured_at: object = None
    can_be_moderated: bool = False


@prepared
def _moderations(conversation: Slot) -> QuerySet[Moderation]:
    return Moderation.objects.filter(conversation=conversation).order_by("asked_at")


@prepared
def _engagements(messages: Slot) -> QuerySet[Engagement]:
    return Engagement.objects.filter(one_of("message_id", messages))


def standings(
    found: Conversation, shown: Sequence[Message], has: Contents, *, person: Person, may_moderate: bool
) -> Mapping[uuid.UUID, Standing]:
    """How messages stand, by id. No query where nobody moderated or measured; else one for each."""
    known = registry.manifests().get(found.channel.connector)
    able = known.capabilities if known is not None else frozenset()
    acts: dict[uuid.UUID, list[Moderation]] = {}
    if has.moderations and able & {Capability.REMOVE, Capability.MODERATE}:
        for one in _moderations(conversation=found.pk):
            acts.setdefault(one.message_id, []).append(one)
    ours = [one.pk for one in shown if one.direction == Direction.OUTBOUND]
    rows = _engagements(messages=ours) if has.engagements and Capability.METRICS in able else ()
    engagement = {one.message_id: one for one in rows if one.measured_at is not None}
    return {
        one.pk: _standing(
            acts.get(one.pk, []),
            engagement.get(one.pk),
            can_be_moderated=bool(one.external_id)
            and one.removed_at is None
            and (Capability.REMOVE if one.pk in ours else Capability.MODERATE) in able
            and (may_moderate or one.person_id == person.pk),
        )
        for one in shown
    }


def _standing(acts: Sequence[Moderation], engagement: Engagement | None, *, can_be_moderated: bool) -> Standing:
    last = acts[-1] if acts else None
    under_way = last is not None and last.state in (ModerationState.WAITING, ModerationState.DOING)
    ended = last is not None and last.state in (ModerationState.FAILED, ModerationState.UNSURE)
    done = [one.deed for one in acts if one.state == ModerationState.DONE and one.deed in (Deed.HIDE, Deed.SHOW)]
    return Standing(
        is_hidden=bool(done) and done[-1] == Deed.HIDE,
        doing=str(DOING[Deed(last.deed)]) if last is not None and under_way else "",
        failure=_failed(last) if last is not None and ended else "",
        liked=_in_words(engagement) if engagement else "",
        measured_at=engagement.measured_at if engagement else None,
        can_be_moderated=can_be_moderated and not under_way,
    )


def _failed(moderation: Moderation) -> str:
    return f"“{moderation.get_deed_display()}”: {moderation.failure}"


def _in_words(row: Engagement) -> str:
    """What people did with it, as far as the network tells."""
    told: tuple[tuple[int | None, Callable[[int], str]], ...] = (
        (row.views_count, lambda n: ngettext("%d view", "%d views", n)),
        (row.likes_count, lambda n: ngettext("%d like", "%d likes", n)),
        (row.reposts_count, lambda n: ngettext("%d repost", "%d reposts", n)),
        (row.quotes_count, lambda n: ngettext("%d quote", "%d quotes", n)),
        (row.replies_count, lambda n: ngettext("%d reply", "%d replies", n)),
        (row.clicks_count, lambda n: ngettext("%d click", "%d clicks", n)),
    )
    return " · ".join(words(count) % count for count, words in told if count)
