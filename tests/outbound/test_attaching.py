"""Pictures and files go out with answers, described, once, and come back when an answer is taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from choir.channels.contract import Outgoing, Sent
from choir.channels.models import Channel
from choir.flow.deliver import deliver
from choir.inbox.models import Conversation
from choir.media.models import Attachment
from choir.outbound import actions
from choir.outbound.models import Approval, ApprovalPolicy, Delivery
from tests.cast import Cast, cast
from tests.conversing import opened
from tests.media.test_pictures import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Cast:
    return cast()


class Network:
    """Takes every answer and remembers it."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def __call__(self, channel: Channel) -> Network:
        return self

    def reply(self, outgoing: Outgoing) -> Sent:
        self.sent.append(outgoing)
        return Sent("n1", timezone.now())

    def find_sent(self, outgoing: Outgoing) -> Sent | None:
        return None


def chosen(company: Cast, shown: Conversation, name: str, content: bytes) -> None:
    """Ana attaches a file."""
    actions.attach(shown, name=name, content=content, media_type="image/png", by=company.ana, at=timezone.now())


def wheel(company: Cast, shown: Conversation, *, alt_text: str = "A new wheel") -> Attachment:
    chosen(company, shown, "wheel.png", drawn())
    one = actions.attached(shown, company.ana).get()
    actions.describe(shown, alt_texts={one.pk: alt_text}, by=company.ana)
    return one


def sent(company: Cast, shown: Conversation) -> Delivery | Approval:
    shown.refresh_from_db()
    return actions.send(shown, text="Like this one?", seen_revision=shown.revision, by=company.ana, at=timezone.now())


def test_a_picture_leaves_with_its_words_once(company: Cast) -> None:
    shown = opened(company, assignee=company.ana)
    wheel(company, shown)
    sent(company, shown)
    assert not actions.attached(shown, company.ana).exists()
    network = Network()
    deliver(at=timezone.now() + dt.timedelta(minutes=1), connect=network)
    deliver(at=timezone.now() + dt.timedelta(minutes=2), connect=network)
    [outgoing] = network.sent
    [picture] = outgoing.media
    assert (picture.name, picture.media_type, picture.alt_text) == ("wheel.png", "image/png", "A new wheel")
    assert picture.content.startswith(b"\x89PNG")


def test_what_is_taken_back_is_in_the_composer_again(company: Cast) -> None:
    shown = opened(company, assignee=company.ana)
    one = wheel(company, shown)
    answer = sent(company, shown)
    assert isinstance(answer, Delivery)
    actions.undo(answer, by=company.ana, at=timezone.now())
    assert actions.attached(shown, company.ana).get() == one


def test_an_approver_says_yes_to_the_picture_too(company: Cast) -> None:
    ApprovalPolicy.objects.create(organisation=company.organisation, name="Everything")
    shown = opened(company, assignee=company.ana)
    one = wheel(company, shown)
    asked = sent(company, shown)
    assert isinstance(asked, Approval)
    assert not actions.attached(shown, company.ana).exists()
    actions.describe(shown, alt_texts={one.pk: "Something else"}, by=company.ana)
    actions.decide(asked, is_yes=True, by=company.lea, at=timezone.now())
    network = Network()
    deliver(at=timezone.now() + dt.timedelta(minutes=1), connect=network)
    assert [picture.alt_text for picture in network.sent[0].media] == ["A new wheel"]


@pytest.mark.parametrize("is_needed", [True, False])
def test_the_channel_decides_whether_a_description_is_needed(company: Cast, is_needed: bool) -> None:
    company.channel.needs_alt_text = is_needed
    company.channel.save()
    shown = opened(company, assignee=company.ana)
    wheel(company, shown, alt_text="")
    if is_needed:
        with pytest.raises(actions.CheckStopped, match="no description"):
            sent(company, shown)
    else:
        assert isinstance(sent(company, shown), Delivery)


def test_what_the_network_does_not_take_is_refused_with_the_reason(company: Cast) -> None:
    shown = opened(company, assignee=company.ana)
    with pytest.raises(actions.CannotAttach, match="no picture that can be shown"):
        chosen(company, shown, "page.html", b"<html>")
    for _ in range(4):
        chosen(company, shown, "wheel.png", drawn())
    with pytest.raises(actions.CannotAttach, match="takes 4 at once"):
        chosen(company, shown, "wheel.png", drawn())


def test_the_composer_takes_a_picture_and_keeps_what_was_typed(company: Cast, client: Client) -> None:
    client.force_login(company.ana)
    shown = opened(company, assignee=company.ana)
    base = f"/w/acme/conversations/{shown.pk}/"
    form = {"text": "Half a sen", "revision": shown.revision}
    upload = SimpleUploadedFile("wheel.png", drawn(), "image/png")
    assert client.post(f"{base}attachments", {**form, "attachment": upload}).status_code == 302
    page = client.get(base).content.decode()
    assert "Half a sen</textarea>" in page
    one = Attachment.objects.get()
    assert f'name="alt-{one.pk}"' in page
    answer = {"text": "A whole one", "revision": shown.revision, f"alt-{one.pk}": "A wheel"}
    assert client.post(f"{base}reply", answer).status_code == 302
    one.refresh_from_db()
    assert one.message is not None
    assert (one.message.text, one.alt_text) == ("A whole one", "A wheel")
    assert 'alt="A wheel"' in client.get(base).content.decode()
