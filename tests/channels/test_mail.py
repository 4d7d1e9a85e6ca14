"""Mail as it is in the wild: threads, quotes, charsets, machines, and headers that try to be more than one."""

from __future__ import annotations

import datetime as dt
import email
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from choir.channels.connectors.mail import mapping
from choir.channels.connectors.mail.connector import Connector
from choir.channels.connectors.mail.headers import decode, words
from choir.channels.connectors.mail.reading import parse
from choir.channels.connectors.mail.server import server, smtp_refusal
from choir.channels.connectors.mail.writing import answer
from choir.channels.contract import (
    Account,
    Attachment,
    Author,
    Item,
    Outgoing,
    RateLimitedError,
    Raw,
    RejectedError,
    SignInExpiredError,
    TemporaryError,
    UnreadableError,
)

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
OURS = "care@shop.example"
HEAD = "From: Ida <ida@customer.example>\nTo: care@shop.example\nMessage-ID: <m1@customer.example>\nSubject: Parcel\n"


def mail(text: str | bytes, *, folder: str = "inbox") -> Raw:
    source = text if isinstance(text, bytes) else text.encode()
    source = source.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return mapping.raw_of(source, folder=folder, uid=1, size=len(source), received_at=NOW)


def read(text: str | bytes, **given: str) -> Item:
    (item,) = mapping.items_of(mail(text, **given), address=OURS)
    return item


def test_a_thread_is_followed_by_its_headers() -> None:
    first = read(HEAD + "\nWhere is it?\n")
    assert (first.external_id, first.parent_id, first.thread_id) == ("m1@customer.example", "", "")
    assert first.text == "Parcel\n\nWhere is it?"
    links = "In-Reply-To: <choir.k@shop.example>\nReferences: <m1@customer.example>\n <choir.k@shop.example>\n"
    second = read(HEAD.replace("m1@", "m2@").replace("Parcel", "Re: Parcel") + links + "\nThanks\n")
    assert (second.parent_id, second.thread_id) == ("choir.k@shop.example", "m1@customer.example")
    assert second.text == "Thanks"


@pytest.mark.parametrize(
    "quoted",
    [
        "On Fri, 20 Nov 2026 at 11:00, Shop care <care@shop.example> wrote:\n> We are looking.\n",
        "Am 20.11.2026 um 11:00 schrieb Shop care:\n> We are looking.\n",
        "-----Original Message-----\nFrom: Shop care\nSent: Friday\nTo: Ida\nSubject: Parcel\n\nWe are looking.\n",
    ],
)
def test_what_is_quoted_is_folded_away_and_kept(quoted: str) -> None:
    item = read(HEAD.replace("Parcel", "Re: Parcel") + "In-Reply-To: <x@y>\n\nStill nothing.\n\n" + quoted)
    assert item.text == "Still nothing."
    assert "We are looking." in item.quoted


def test_html_alone_is_read_as_text_and_nothing_of_it_runs() -> None:
    html = "<style>p{}</style><p>Hello<script>alert(1)</script> <b>there</b></p><img src='https://track.example/1.gif'>"
    item = read(HEAD + f"Content-Type: text/html; charset=utf-8\n\n{html}")
    assert item.text == "Parcel\n\nHello there"
    assert item.media == ()


CHARSETS = [
    ("iso-8859-1", "cp1252", "Größe “5” €"),
    ("windows-1251", "cp1251", "Где посылка?"),
    ("gb2312", "gb18030", "包裹在哪里？"),
    ("iso-2022-jp", "iso-2022-jp", "荷物はどこですか"),
    ("shift_jis", "cp932", "荷物①"),
    ("ks_c_5601-1987", "cp949", "소포 어디"),
    ("windows-874", "cp874", "พัสดุ"),
    ("iso-8859-8-i", "iso-8859-8", "חבילה"),
    ("utf-8", "utf-8", "📦"),
    ("no-such-charset", "utf-8", "naïve"),
    ("", "cp1252", "naïve"),
    ("rot13", "utf-8", "plain"),
]


@pytest.mark.parametrize(("stated", "codec", "text"), CHARSETS, ids=[one[0] or "none" for one in CHARSETS])
def test_every_charset_is_read(stated: str, codec: str, text: str) -> None:
    charset = f"; charset={stated}" if stated else ""
    source = f"{HEAD}Content-Type: text/plain{charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
    assert read(source + text.encode(codec)).text == f"Parcel\n\n{text}"


def test_subjects_are_decoded_whatever_they_are_made_of() -> None:
    assert words("=?utf-8?q?Gr=C3=B6=C3=9Fe?= =?iso-8859-1?q?_5?=") == "Größe 5"
    assert words("=?no-such?b?gibberish") == "=?no-such?b?gibberish"
    raw = b"From: Ida <ida@customer.example>\nMessage-ID: <r@x>\nSubject: Gr\xc3\xb6\xc3\x9fe\n\nx"
    assert read(raw).text == "Größe\n\nx"


def test_attachments_are_named_and_handed_out_byte_for_byte() -> None:
    made = email.message.EmailMessage()
    made["From"], made["To"], made["Subject"], made["Message-ID"] = "ida@customer.example", OURS, "Photo", "<a@x>"
    made.set_content("See the photo.")
    made.add_attachment(b"\x89PNG\x00\xff", maintype="image", subtype="png", filename="bröken ../../box.png")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bill.pdf")
    raw = mail(made.as_bytes())
    (item,) = mapping.items_of(raw, address=OURS)
    assert isinstance(item, Item)
    assert [(one.kind, one.name) for one in item.media] == [
        ("image", "bröken ../../box.png"),
        ("application", "bill.pdf"),
    ]
    held = Connector(Account("x", OURS, {"address": OURS})).content_of(raw, 0)
    assert (held.content, held.media_type) == (b"\x89PNG\x00\xff", "image/png")
    with pytest.raises(UnreadableError):
        Connector(Account("x", OURS, {"address": OURS})).content_of(raw, 2)


MACHINES = [
    "Auto-Submitted: auto-replied\n",
    "Auto-Submitted: auto-generated; x=y\n",
    "Return-Path: <>\n",
    "X-Autoreply: yes\n",
    "Precedence: bulk\n",
    "List-Id: <news.shop.example>\n",
    "Reply-To: no-reply@customer.example\n",
    "Content-Type: multipart/report; boundary=x\n",
]


@pytest.mark.parametrize("field", MACHINES)
def test_a_machine_is_known_and_never_answered(field: str) -> None:
    item = read(HEAD + field + "\nI am away.\n")
    assert item.automatic_because
    with pytest.raises(RejectedError, match="machine"):
        compose(answered=parse((HEAD + field + "\nI am away.\n").encode()))


def test_a_person_is_no_machine() -> None:
    assert read(HEAD + "Auto-Submitted: no\nReturn-Path: <ida@customer.example>\n\nHello\n").automatic_because == ""


BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@mx.example
Message-ID: <b1@mx.example>
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

Sorry.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ida@customer.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--B
Content-Type: message/rfc822

From: care@shop.example
Message-ID: <choir.k1@shop.example>
Subject: Re: Parcel

We are looking.
--B--
"""


def test_a_bounce_names_the_answer_that_came_back_and_why() -> None:
    item = read(BOUNCE.format(action="failed"))
    assert (item.undelivered_id, item.parent_id) == ("choir.k1@shop.example", "choir.k1@shop.example")
    assert "550 5.1.1 no such user" in item.text
    assert item.automatic_because
    assert read(BOUNCE.format(action="delayed")).undelivered_id == ""


def test_our_own_mail_coming_back_says_nothing_and_nobody_speaks_for_us() -> None:
    copy = HEAD.replace("m1@customer.example", "choir.k1@shop.example").replace("ida@customer.example", OURS)
    assert mapping.items_of(mail(copy + "\nWe are looking.\n"), address=OURS) == ()
    forged = HEAD.replace("ida@customer.example", OURS)
    assert not read(forged + "\nYou get a million.\n").is_ours
    assert read(forged + "\nFrom my phone.\n", folder="sent").is_ours


def test_forms_that_write_for_customers_are_answered_to_the_customer() -> None:
    form = HEAD.replace("Ida <ida@customer.example>", "Contact form <care@shop.example>")
    item = read(form + "Reply-To: Ida Holm <Ida@Customer.example>\n\nHello\n")
    assert (item.author.external_id, item.author.name) == ("ida@customer.example", "Ida Holm")


def test_the_time_stated_is_believed_within_reason() -> None:
    assert read(HEAD + "Date: Fri, 20 Nov 2026 10:00:00 +0000\n\nx").posted_at.hour == 10
    for stated in ("Fri, 20 Nov 1999 10:00:00 +0000", "Fri, 20 Nov 2099 10:00:00 +0000", "yesterday"):
        assert read(HEAD + f"Date: {stated}\n\nx").posted_at == NOW


def compose(text: str = "We are looking.", answered: Message | None = None, **given: object) -> Message:
    stated: dict[str, object] = {"recipient": Author("ida@customer.example", name="Ida")} | given
    outgoing = Outgoing(key="k1", text=text, in_reply_to="m1@customer.example", **stated)  # type: ignore[arg-type]
    made, _ = answer(outgoing, address=OURS, name="Shop care", answered=answered, at=NOW)
    return parse(made.as_bytes())


def test_an_answer_is_threaded_and_has_the_same_id_every_time() -> None:
    asked = parse((HEAD + "References: <r0@x> <r1@x>\n\nWhere is it?\n").encode())
    made = compose(answered=asked)
    assert made["Message-ID"] == "<choir.k1@shop.example>"
    assert made["In-Reply-To"] == "<m1@customer.example>"
    assert made["References"].split() == ["<r0@x>", "<r1@x>", "<m1@customer.example>"]
    assert made["Subject"] == "Re: Parcel"
    assert compose(answered=parse(HEAD.replace("Parcel", "AW: Re: Re[2]: Parcel").encode()))["Subject"] == "Re: Parcel"


FIELDS = {
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version"),
    *("content-type", "content-transfer-encoding"),
}


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(max_size=40),
    subject=st.text(max_size=60),
    text=st.text(max_size=200),
    parent=st.text(max_size=30),
)
def test_no_header_can_be_put_in(name: str, subject: str, text: str, parent: str) -> None:
    """Whatever customers call themselves and write, a mail of ours has our header fields, each once."""
    asked = Message()
    asked._headers = [("Subject", f"{subject}\r\nBcc: spy@evil.example"), ("From", "ida@customer.example")]  # type: ignore[attr-defined]
    author = Author("ida@customer.example", name=f"{name}\r\nBcc: spy@evil.example")
    outgoing = Outgoing(key="k\r\n1", text=text, in_reply_to=f"{parent}\nBcc: x", recipient=author)
    made, to = answer(outgoing, address=OURS, name=f"Care\nBcc: {name}", answered=asked, at=NOW)
    read_back = parse(made.as_bytes())
    assert to == "ida@customer.example"
    assert read_back["Bcc"] is None
    stated = [name.lower() for name, _ in read_back.items()]
    assert len(stated) == len(set(stated))
    assert set(stated) <= FIELDS


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b\r\nRCPT TO:<spy@evil.example>", "two@x.example,three@x.example", OURS]
)
def test_whoever_cannot_be_written_to_is_refused(to: str) -> None:
    with pytest.raises(RejectedError):
        compose(recipient=Author(to or "x"))


def test_attachments_of_ours_are_described() -> None:
    made = compose(media=(Attachment("box.png", "image/png", b"\x89PNG", "A torn box"),))
    part = list(made.walk())[2]
    assert (part.get_filename(), part["Content-Description"]) == ("box.png", "A torn box")


def test_large_mail_says_that_its_end_is_missing() -> None:
    source = (HEAD + "\nHello\n").encode()
    raw = mapping.raw_of(source, folder="inbox", uid=1, size=9 * 1024**2, received_at=NOW)
    (item,) = mapping.items_of(raw, address=OURS)
    assert isinstance(item, Item)
    assert "9 MB" in item.text


@given(st.binary(max_size=400))
def test_no_mail_is_so_broken_that_it_breaks_the_reader(source: bytes) -> None:
    try:
        mapping.items_of(mail(HEAD.encode() + source), address=OURS)
    except UnreadableError as error:
        assert str(error).endswith(".")  # noqa: PT017 -- both are fine


def test_bytes_are_never_lost_to_a_wrong_charset() -> None:
    assert decode(b"\x80\xff", "utf-8") == "€ÿ"


def test_servers_are_found_by_the_address_and_private_ones_refused() -> None:
    def at(protocol: str, **stated: object) -> tuple[str, int, str]:
        found = server(protocol, Account("x", "x", stated))
        return found.host, found.port, found.security

    assert at("imap", address="a@gmail.com") == ("imap.gmail.com", 993, "tls")
    assert at("smtp", address="a@outlook.com") == ("smtp.office365.com", 587, "starttls")
    assert at("imap", address="a@shop.example") == ("imap.shop.example", 993, "tls")
    with pytest.raises(RejectedError, match="private network"):
        server("imap", Account("x", "x", {"imap_host": "127.0.0.1"})).check()
    with pytest.raises(RejectedError, match="in clear"):
        server("imap", Account("x", "x", {"imap_host": "mx.example", "imap_security": "none"})).check()


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (454, "4.7.0 Temporary authentication failure: Connection lost to authentication server", TemporaryError),
        (421, "4.7.28 Our system has detected an unusual rate of mail", RateLimitedError),
        (451, "4.3.0 Mail server temporarily rejected message", TemporaryError),
        (535, "5.7.8 Error: authentication failed", SignInExpiredError),
        (554, "5.7.1 Rejected as spam", RejectedError),
    ],
)
def test_what_an_outgoing_server_refuses_is_told_apart(code: int, said: str, kind: type[Exception]) -> None:
    at = server("smtp", Account("x", OURS, {"address": OURS}))
    assert type(smtp_refusal(at, code, said)) is kind
