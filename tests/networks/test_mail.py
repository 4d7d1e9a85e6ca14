"""What is peculiar to e-mail, against dovecot and Postfix: announcements, machines, mail that comes back, attachments,
threads, and what other programmes do with the same mailbox."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from email.message import EmailMessage

import pytest

from choir.channels import registry
from choir.channels.connectors.mail.connector import Connector
from choir.channels.contract import Held, HoldsMedia, Item, SignedIn, TemporaryError
from choir.channels.models import Arrival, Channel, ChannelState
from choir.flow.steps import advance
from choir.flow.streams import listen_until
from choir.inbox.models import Conversation, Direction, Message, State
from choir.outbound.models import DeliveryState
from choir.outbound.refusals import CannotReply
from choir.wake import Step
from tests.cast import Cast, cast
from tests.networks.by_mail import IDA, OURS, letter, mail_settings, mails
from tests.networks.conftest import Measured
from tests.networks.installed import installed
from tests.networks.mail_servers import MailServers, mail_servers
from tests.networks.steps import answer, come_in, fetch_now, heard, put_behind, said_to_us, until

pytestmark = [
    pytest.mark.xdist_group("mail"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600, func_only=True),
]
GONE = "gone@customer.example"


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    installed("mail")
    with mail_servers({OURS: "ours", IDA: "ida", GONE: "gone"}) as both:
        yield both


@pytest.fixture
def company(servers: MailServers) -> Cast:
    here = cast(connector="mail")
    connector = registry.unconnected("mail", settings=mail_settings(servers), secret={"password": "ours"})
    assert isinstance(connector, Connector)
    found = signed_in(connector)
    channel = here.channel
    channel.network, channel.external_id, channel.handle = "E-mail", found.external_id, found.handle
    channel.settings = mail_settings(servers) | dict(found.settings)
    channel.seal_secret({"password": "ours"})
    channel.save()
    put_behind(channel)
    return here


def signed_in(connector: Connector) -> SignedIn:
    """Sign in; Postfix may first have to notice that dovecot was started again."""
    for _ in range(20):
        with suppress(TemporaryError):
            return connector.sign_in()
        time.sleep(0.5)
    return connector.sign_in()


def conversation_of(message_id: str) -> Conversation:
    return Conversation.objects.get(messages__external_id=message_id)


def answered(company: Cast, conversation: Conversation, text: str) -> Message:
    """Answer and deliver."""
    delivery = answer(company, conversation, text)
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    return Message.objects.get(delivery=delivery)


def test_new_mail_is_announced_and_nothing_is_told_twice(
    company: Cast, servers: MailServers, measured: Measured
) -> None:
    over = threading.Event()
    listening = threading.Thread(target=listen_until, args=(over,))
    listening.start()
    took = []
    try:
        until(
            lambda: Channel.objects.get(pk=company.channel.pk).stream_leased_until,
            seconds=60, what="the mailbox is listened to",
        )  # fmt: skip
        time.sleep(3)
        for number in range(5):
            before = Arrival.objects.filter(source="stream").count()
            began = time.monotonic()
            servers.send(letter(f"Announced {number}"), to=OURS)
            until(lambda: Arrival.objects.filter(source="stream").count() > before, seconds=60, what="announced")  # noqa: B023
            took.append(time.monotonic() - began)
        servers.stop_dovecot()  # in the middle of IDLE
        time.sleep(2)
        servers.start_dovecot()
        late = servers.send(letter("While nobody listened"), to=OURS)
        servers.all_delivered()
        come_in(company.channel, [late])
    finally:
        over.set()
        listening.join()
    measured(f"mail: sent to stored through IDLE, slowest of 5: {max(took):.1f} s")
    assert set(said_to_us(company.channel).values()) == {1}
    assert len(said_to_us(company.channel)) == 6


def test_mail_that_comes_just_before_we_wait_is_not_waited_for(company: Cast, servers: MailServers) -> None:
    connector = registry.connect(Channel.objects.get(pk=company.channel.pk))
    assert isinstance(connector, Connector)
    with closing(connector.listen("", wanted=Nothing())) as pages:  # type: ignore[type-var]
        while next(pages).has_more:  # all that is there; from here on nobody looks until the wait begins
            pass
        servers.send(letter("In between"), to=OURS)
        servers.all_delivered()
        assert len(next(pages).raws) == 1  # an announcement would never come


class Nothing:
    """No query asks for anything."""

    def finds(self, item: Item) -> bool:
        return False

    def knows(self, external_id: str) -> bool:
        return False

    def hashtags(self) -> Sequence[str]:
        return ()


def test_a_mail_that_comes_back_marks_its_answer(company: Cast, servers: MailServers) -> None:
    said = servers.send(letter("Where is my parcel?", sender=GONE), to=OURS)
    servers.all_delivered()
    come_in(company.channel, [said])
    password = servers.passwords.pop(GONE)  # their mailbox is closed
    servers.know()
    try:
        sent = answered(company, conversation_of(said), "It is on its way.")
        servers.all_delivered()

        def came_back() -> bool:
            fetch_now(company.channel)
            heard()
            sent.delivery.refresh_from_db()
            return sent.delivery.state == DeliveryState.RETURNED

        until(came_back, seconds=90, what="the answer is marked as come back")
    finally:
        servers.passwords[GONE] = password
        servers.know()
    assert "User doesn't exist" in sent.delivery.because
    conversation = conversation_of(said)
    assert conversation.has_problem
    report = conversation.messages.get(is_automatic=True)
    assert "could not be delivered" in report.text


def test_two_machines_never_answer_each_other(company: Cast, servers: MailServers) -> None:
    said = servers.send(letter("Where is my parcel?"), to=OURS)
    servers.all_delivered()
    come_in(company.channel, [said])
    conversation = conversation_of(said)
    servers.on_holiday(IDA, is_away=True)
    servers.on_holiday(OURS, is_away=True)
    try:
        answered(company, conversation, "It is on its way.")
        servers.all_delivered()
        time.sleep(2)
        servers.all_delivered()
        fetch_now(company.channel)
        heard()
    finally:
        servers.on_holiday(IDA, is_away=False)
        servers.on_holiday(OURS, is_away=False)
    (away,) = conversation.messages.filter(is_automatic=True)
    assert away.text == "I am away until Monday."
    assert away.mention is not None
    assert "Auto-Submitted" in away.mention.automatic_because
    conversation.refresh_from_db()
    assert conversation.waiting_since is None  # nobody waits for an answer to it
    assert len(mails(servers, IDA, "SUBJECT", "Away")) == 0
    assert conversation.messages.filter(direction=Direction.OUTBOUND).count() == 1


def test_what_a_machine_began_is_noted_and_cannot_be_answered(company: Cast, servers: MailServers) -> None:
    said = [
        servers.send(letter("Your weekly offers", List_Id="<offers.customer.example>"), to=OURS),
        servers.send(letter("Out of office", Auto_Submitted="auto-replied"), to=OURS),
        servers.send(letter("Do not reply", sender="no-reply@customer.example"), to=OURS),
    ]
    servers.all_delivered()
    come_in(company.channel, said)
    for one in said:
        assert conversation_of(one).state == State.NOTED
    with pytest.raises(CannotReply, match="Machines are not answered"):
        answer(company, conversation_of(said[1]), "Thank you!")


def test_attachments_come_byte_for_byte_and_under_their_names(company: Cast, servers: MailServers) -> None:
    mail = letter("See the photo and the bill.")
    contents = [bytes(range(256)) * 400, b"%PDF-1.7 \x00 not really"]
    mail.add_attachment(contents[0], maintype="image", subtype="png", filename="Foto “groß” ../../1.png")
    mail.add_attachment(contents[1], maintype="application", subtype="pdf", filename="bill.pdf")
    said = servers.send(mail, to=OURS)
    servers.all_delivered()
    come_in(company.channel, [said])
    arrival = Message.objects.get(external_id=said).arrival or Arrival.objects.latest("received_at")
    connector: object = registry.reader(company.channel)
    assert isinstance(connector, HoldsMedia)
    handed = (connector.content_of(arrival.raw, place) for place in range(2))
    held = [one for one in handed if isinstance(one, Held)]
    assert [one.content for one in held] == contents
    assert [(one.media_type, one.name) for one in held] == [
        ("image/png", "Foto “groß” ../../1.png"),
        ("application/pdf", "bill.pdf"),
    ]


def test_a_thread_is_one_conversation_and_quotes_are_folded(company: Cast, servers: MailServers) -> None:
    said = servers.send(letter("Where is my parcel?"), to=OURS)
    servers.all_delivered()
    come_in(company.channel, [said])
    answered(company, conversation_of(said), "It is on its way.")
    servers.all_delivered()
    (ours,) = mails(servers, IDA, "HEADER", "In-Reply-To", f"<{said}>")
    assert ours["References"] == f"<{said}>"
    assert ours["Subject"] == "Re: Where is my parcel?"
    time.sleep(1)  # a mail's time has no fractions of a second
    back = letter("Still nothing.\n\nOn Fri, Shop wrote:\n> It is on its way.\n", subject=str(ours["Subject"]))
    back["In-Reply-To"], back["References"] = ours["Message-ID"], f"<{said}> {ours['Message-ID']}"
    again = servers.send(back, to=OURS)
    servers.all_delivered()
    come_in(company.channel, [again])
    conversation = conversation_of(said)
    assert conversation == conversation_of(again)
    assert [one.text for one in conversation.messages.order_by("at")][-1] == "Still nothing."
    assert conversation.messages.count() == 3


def test_an_answer_from_another_programme_is_shown_and_settles_the_conversation(
    company: Cast, servers: MailServers
) -> None:
    said = servers.send(letter("Where is my parcel?"), to=OURS)
    servers.all_delivered()
    come_in(company.channel, [said])
    mine = EmailMessage()
    mine["From"], mine["To"], mine["Subject"] = OURS, IDA, "Re: Where is my parcel?"
    mine["Message-ID"], mine["In-Reply-To"] = f"<phone.{time.time_ns()}@shop.example>", f"<{said}>"
    mine.set_content("Written on my phone.")
    with servers.mailbox(OURS) as box:
        box.append("Sent", mine.as_bytes())
    fetch_now(company.channel)
    heard()
    conversation = conversation_of(said)
    assert [one.text for one in conversation.messages.filter(direction=Direction.OUTBOUND)] == ["Written on my phone."]


def test_a_mailbox_that_was_restored_repeats_nothing(company: Cast, servers: MailServers) -> None:
    said = [servers.send(letter(f"Before {number}"), to=OURS) for number in range(3)]
    servers.all_delivered()
    come_in(company.channel, said)
    servers.stop_dovecot()
    for place in (servers.home / "mail/care").rglob("dovecot*"):  # its numbering is lost: UIDVALIDITY changes
        place.unlink() if place.is_file() else shutil.rmtree(place)
    servers.start_dovecot()
    said.append(servers.send(letter("After"), to=OURS))
    servers.all_delivered()
    come_in(company.channel, said)
    assert {one: said_to_us(company.channel)[one] for one in said} == Counter(said)


def test_a_password_that_only_the_outgoing_server_refuses_asks_for_sign_in(company: Cast, servers: MailServers) -> None:
    said = servers.send(letter("Where is my parcel?"), to=OURS)
    servers.all_delivered()
    come_in(company.channel, [said])
    delivery = answer(company, conversation_of(said), "It is on its way.")
    company.channel.seal_secret({"password": "ours", "smtp_password": "old"})
    company.channel.save()
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    company.channel.refresh_from_db()
    assert (delivery.state, company.channel.state) == (DeliveryState.WAITING, ChannelState.SIGN_IN_NEEDED)
    company.channel.seal_secret({"password": "ours"})
    company.channel.state = ChannelState.CONNECTED
    company.channel.save()
    advance(Step.DELIVER)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT, delivery.because
    servers.all_delivered()
    assert len(mails(servers, IDA, "HEADER", "In-Reply-To", f"<{said}>")) == 1
