"""Addresses that others name lead nowhere inside, however they are written, and bring nothing endless."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from choir.outside import (
    Bounds,
    ForbiddenAddressError,
    OutsideError,
    TooMuchError,
    UnreachableError,
    fetch,
    is_public,
)
from tests.serving import Answer, Site, site

PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *(
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
    ),
    *("64:ff9b::a9fe:a9fe", "2002:7f00:1::", "fe80::1%eth0", "fc00::1", "ff02::1", "nonsense"),
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as one:
        yield one


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known_in_every_dress(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http://user:password@example.com/",
        "http:///nothing",
        "http://example.com:0/",
        "//example.com",
        "",
        "http://[::1",
    ],
)
def test_what_leads_inside_or_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        fetch(url)


def test_a_name_is_resolved_once_and_the_address_looked_at_is_the_one_connected_to(served: Site) -> None:
    """DNS rebinding: the second answer would be a private address; nobody asks a second time."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    port = served.address.rpartition(":")[2]
    served.put("/x", "hello")
    found = fetch(f"http://rebinding.example:{port}/x", allows_private=True, resolving=lambda host, _: next(answers))
    assert found.content == b"hello"
    assert served.asked[0][1]["host"] == f"rebinding.example:{port}"
    assert next(answers) == ["10.0.0.1"]


def test_of_several_addresses_only_public_ones_are_asked() -> None:
    with pytest.raises(ForbiddenAddressError):
        fetch("http://inside.example/", resolving=lambda host, port: ["10.0.0.1", "::1"])


def test_a_redirect_is_looked_at_like_the_first_address(served: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    served.moved("/go", "http://inside.example/secret")
    port = int(served.address.rpartition(":")[2])

    def resolving(host: str, _: int) -> list[str]:
        return ["127.0.0.1"] if host == "outside.example" else ["169.254.169.254"]

    with pytest.raises(ForbiddenAddressError, match="“outside"):  # loopback is inside, too
        fetch(f"http://outside.example:{port}/go", resolving=resolving)
    monkeypatch.setattr("choir.outside.is_public", lambda address: address == "127.0.0.1")  # now it stands for outside
    with pytest.raises(ForbiddenAddressError, match="“inside"):
        fetch(f"http://outside.example:{port}/go", resolving=resolving)
    served.moved("/file", "file:///etc/passwd")
    with pytest.raises(ForbiddenAddressError, match="no address of the web"):
        fetch(f"{served.address}/file", allows_private=True)


def test_redirects_are_followed_and_do_not_go_round_for_ever(served: Site) -> None:
    served.moved("/a", "/b")
    served.put("/b", "here")
    assert fetch(f"{served.address}/a", allows_private=True).url == f"{served.address}/b"
    served.moved("/b", "/a")
    with pytest.raises(TooMuchError, match="sends on"):
        fetch(f"{served.address}/a", allows_private=True)


def test_a_password_does_not_travel_to_another_host(served: Site) -> None:
    with site() as other:
        other.put("/", "theirs")
        served.moved("/", f"{other.address}/")
        fetch(f"{served.address}/", headers={"authorization": "Basic c2VjcmV0"}, allows_private=True)
        assert "authorization" in served.asked[0][1]
        assert "authorization" not in other.asked[0][1]


def test_size_counts_after_decompression(served: Site) -> None:
    served.answers["/bomb"] = Answer(gzip.compress(b"0" * 5_000_000), headers={"content-encoding": "gzip"})
    with pytest.raises(TooMuchError, match="larger than"):
        fetch(f"{served.address}/bomb", bounds=Bounds(most_bytes=1_000_000), allows_private=True)


def test_only_the_kinds_asked_for_are_taken(served: Site) -> None:
    served.put("/page", "<script>", "text/html; charset=utf-8")
    with pytest.raises(TooMuchError, match="text/html"):
        fetch(f"{served.address}/page", bounds=Bounds(kinds=("image/",)), allows_private=True)


def test_an_answer_that_drips_ends_when_its_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 200:
                        connection.send(bytes([letter]))
                        time.sleep(0.03)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(OutsideError):
            fetch(f"http://127.0.0.1:{port}/", bounds=Bounds(seconds=0.4), allows_private=True)
        assert time.monotonic() - begun < 5  # the whole would take seven


def test_nobody_there_is_said_in_words() -> None:
    with pytest.raises(UnreachableError, match="could not be reached"):
        fetch("http://127.0.0.1:9/", allows_private=True)

    def nowhere(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(UnreachableError, match="no host"):
        fetch("http://nowhere.example/", resolving=nowhere)
