"""What comes with what customers say: fetched, kept once, shown to whoever may see it, forgotten with the words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from choir.channels.contract import Removal
from choir.channels.models import Arrival, ArrivalSource
from choir.flow.authors_changes import Removed, forget_removed
from choir.flow.media import fetch_media
from choir.inbox.models import Conversation
from choir.media import actions
from choir.media.keeping import path_of
from choir.media.models import Attachment, AttachmentState, File
from tests.cast import Cast, cast
from tests.conversing import opened
from tests.media.test_pictures import drawn
from tests.serving import Answer, Site, site

pytestmark = pytest.mark.django_db


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as one:
        yield one


@pytest.fixture
def company() -> Cast:
    made = cast()
    made.channel.settings = {"allows_private": True}
    made.channel.save()
    return made


def came_with(conversation: Conversation, *media: dict[str, str]) -> None:
    """The customer's message has these, which are to be fetched."""
    mention = conversation.messages.get().mention
    assert mention is not None
    mention.media = [{"url": "", "kind": "image", "alt_text": "", "name": ""} | one for one in media]
    mention.save()
    actions.attach([mention], at=timezone.now())


def fetched() -> list[Attachment]:
    while fetch_media(at=timezone.now()):
        pass
    return list(Attachment.objects.select_related("file").order_by("place"))


def page_of(conversation: Conversation, client: Client) -> str:
    return client.get(f"/w/acme/conversations/{conversation.pk}/").content.decode()


def test_a_picture_stands_in_the_thread_with_its_words(company: Cast, client: Client, served: Site) -> None:
    served.put("/wheel.jpg", drawn((1280, 960), "JPEG"), "image/jpeg")
    shown = opened(company, "It broke")
    came_with(shown, {"url": f"{served.address}/wheel.jpg", "alt_text": "A bent wheel"})
    one = fetched()[0]
    client.force_login(company.ana)
    page = page_of(shown, client)
    assert f'<img src="/w/acme/media/{one.pk}/small" width="320" height="240" alt="A bent wheel"' in page
    small, whole = client.get(f"/w/acme/media/{one.pk}/small"), client.get(f"/w/acme/media/{one.pk}")
    assert (small["Content-Type"], whole["Content-Type"]) == ("image/webp", "image/jpeg")
    for answer in (small, whole):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Content-Disposition"].startswith("inline")
    again = client.get(f"/w/acme/media/{one.pk}", headers={"if-none-match": whole["ETag"]})
    assert again.status_code == 304
    for stranger in (company.ben, company.outsider):
        client.force_login(stranger)
        assert client.get(f"/w/acme/media/{one.pk}").status_code == 404


@pytest.mark.parametrize(
    ("content", "kind"), [(b"<script>alert(1)</script>", "text/plain"), (b"<svg onload='x()'/>", "image/svg+xml")]
)
def test_what_is_no_picture_is_only_ever_saved(
    company: Cast, client: Client, served: Site, content: bytes, kind: str
) -> None:
    served.put("/x", content, kind)
    shown = opened(company)
    came_with(shown, {"url": f"{served.address}/x", "kind": "file", "name": "..\\..\\bill.html"})
    one = fetched()[0]
    client.force_login(company.ana)
    answer = client.get(f"/w/acme/media/{one.pk}")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="bill.html"'
    assert answer["HX-Reswap"] == "none"
    assert client.get(f"/w/acme/media/{one.pk}/small").status_code == 404
    assert "bill.html" in page_of(shown, client)


def test_what_cannot_be_fetched_says_why_and_is_tried_again(company: Cast, client: Client, served: Site) -> None:
    served.answers["/wheel.png"] = Answer(b"", status=503)
    shown = opened(company)
    came_with(shown, {"url": f"{served.address}/wheel.png"})
    one = fetched()[0]
    assert (one.state, one.because) == (AttachmentState.WAITING, "its server answered 503")
    assert one.due_at is not None
    served.answers["/wheel.png"] = Answer(b"", status=404)
    assert fetch_media(at=one.due_at) == 1
    client.force_login(company.ana)
    assert "could not be fetched: it is no longer there (404)" in page_of(shown, client)
    served.put("/wheel.png", drawn(), "image/png")
    assert client.post(f"/w/acme/media/{one.pk}/retry").status_code == 302
    assert fetched()[0].state == AttachmentState.KEPT


def test_addresses_in_our_own_network_are_not_asked(company: Cast, served: Site) -> None:
    company.channel.settings = {}
    company.channel.save()
    served.put("/wheel.png", drawn(), "image/png")
    came_with(opened(company), {"url": f"{served.address}/wheel.png"})
    one = fetched()[0]
    assert one.state == AttachmentState.FAILED
    assert "private network" in one.because
    assert served.asked == []


def test_the_same_content_is_kept_once_and_goes_with_the_last_who_has_it(company: Cast, served: Site) -> None:
    served.put("/a.png", drawn(), "image/png")
    first, second = opened(company, "one"), opened(company, "two")
    for conversation in (first, second):
        came_with(conversation, {"url": f"{served.address}/a.png"})
    assert {one.file for one in fetched()} == {File.objects.get()}
    path = path_of(File.objects.get().digest)
    assert path.is_relative_to(settings.MEDIA_ROOT)
    for conversation, stays in ((first, True), (second, False)):
        _taken_back(conversation)
        fetched()
        assert path.exists() is stays
    assert not File.objects.exists()


def _taken_back(conversation: Conversation) -> None:
    """Its author removes the customer's message on the network."""
    arrival = Arrival.objects.create(
        workspace=conversation.workspace,
        channel=conversation.channel,
        key=f"gone {conversation.pk}",
        source=ArrivalSource.FETCH,
        payload=b"",
        received_at=timezone.now() + dt.timedelta(seconds=1),
    )
    gone = Removed(arrival, Removal(conversation.messages.get().external_id))
    forget_removed(conversation.channel, [gone], at=timezone.now())
