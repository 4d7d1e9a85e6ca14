"""Pictures that go along with answers on vendors' networks: each once, whatever is lost in between, and described where
the network has a field for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from choir.flow.hear import hear
from choir.inbox.models import Conversation
from choir.media.models import Attachment
from choir.outbound import actions as outbound
from choir.outbound.models import DeliveryState
from choir.outbound.refusals import CannotAttach
from tests.channels.place import Place
from tests.media.test_pictures import drawn
from tests.outbound.company import answer

PRIVATELY, IN_PUBLIC = "privately", "in public"
SHOWN = "A kettle without its lid"


def attach(place: Place, conversation: Conversation, content: bytes | None = None) -> None:
    """A picture goes along with the next answer, and is described."""
    by, at = place.cast.ana, timezone.now()
    content = drawn() if content is None else content
    outbound.attach(conversation, name="Küche, 1.png", content=content, media_type="image/png", by=by, at=at)
    outbound.describe(conversation, alt_texts={Attachment.objects.latest("created_at").pk: SHOWN}, by=by)


def asked(place: Place, how: str, *, by: str = "mia") -> str:
    network: Any = place.network
    said = network.customer_writes_privately if how == PRIVATELY else network.customer_says
    question = str(said("Which part is missing?", by=by))
    place.listen()
    return question


@pytest.mark.parametrize(
    ("slug", "how", "writes_count", "described"),
    [
        ("x", IN_PUBLIC, 3, SHOWN),
        ("x", PRIVATELY, 3, SHOWN),
        ("facebook", IN_PUBLIC, 2, SHOWN),
        ("facebook", PRIVATELY, 2, ""),  # Messenger has no field for it
        ("instagram", PRIVATELY, 2, ""),
    ],
)
def test_a_picture_is_there_once_whichever_answer_of_the_network_is_lost(
    place: Place, how: str, writes_count: int, described: str
) -> None:
    for loses in range(writes_count + 1):
        question = asked(place, how, by=f"mia{loses}")
        conversation = place.conversation(question)
        attach(place, conversation)
        delivery = answer(conversation, place.cast.ana, f"This one, number {loses}.")
        place.network.set_clock(timezone.now() + dt.timedelta(minutes=1))
        place.network.loses = loses
        place.deliver()
        delivery.refresh_from_db()
        assert (delivery.state == DeliveryState.SENT) == (loses == 0), delivery.because
        place.deliver(after_seconds=180)
        delivery.refresh_from_db()
        assert delivery.state == DeliveryState.SENT, delivery.because
        [(content, words)] = place.network.pictures_with(question)
        assert (content[:4], words) == (b"\x89PNG", described)
        place.listen()
        hear(at=timezone.now())
        assert place.said(question) == ["inbound:True", "outbound:True"]  # the picture is part of the answer


@pytest.mark.parametrize("slug", ["instagram"])
def test_comments_on_instagram_carry_no_picture_and_the_composer_says_so_before_sending(place: Place) -> None:
    conversation = place.conversation(asked(place, IN_PUBLIC))
    assert outbound.attachable(conversation) is None
    with pytest.raises(CannotAttach, match="cannot be sent to Instagram in public"):
        attach(place, conversation)


@pytest.mark.parametrize("slug", ["x"])
def test_what_x_does_not_take_is_refused_before_sending_and_an_older_sign_in_says_what_to_do(place: Place) -> None:
    conversation = place.conversation(asked(place, IN_PUBLIC))
    moving = drawn(kind="GIF", save_all=True, append_images=[Image.new("RGB", (800, 600), "red")])
    with pytest.raises(CannotAttach, match="stand still"):
        attach(place, conversation, moving)
    attach(place, conversation)
    place.network.may_hand_over = False  # type: ignore[attr-defined]
    delivery = answer(conversation, place.cast.ana, "This one.")
    place.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, "Sign in there again" in delivery.because) == (DeliveryState.FAILED, True)
    assert place.network.pictures_with(conversation.messages.get(direction="inbound").external_id) == []
