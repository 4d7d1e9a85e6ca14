"""Fetching addresses that somebody else gave us: feeds, pictures, previews. Everything that does so does it here.

Whoever names an address could name one inside our own network (RFC 1918, a metadata service, loopback), at once, by a
redirect, or by a name that resolves to something else the second time. So a name is resolved once, every address it
gives is looked at, and the connection is made to the very address that was looked at; each redirect begins anew. What
comes back is bounded in size, time and kind.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

MOST_REDIRECTS = 5
STEP_SECONDS = 10.0
LONGEST_URL = 4000
USER_AGENT = "Choir/1 (an inbox of its own)"
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")  # RFC 3056: an IPv4 address in bits 16 to 48
TEREDO = ipaddress.IPv6Network("2001::/32")  # RFC 4380: an IPv4 address, inverted, in its last 32 bits
COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, deprecated: an IPv4 address in its last 32 bits


class OutsideError(Exception):
    """Nothing was fetched. The text says what happened, what it means and what to do."""


class ForbiddenAddressError(OutsideError):
    """The address leads into a private network, or is no web address."""


class TooMuchError(OutsideError):
    """It is larger, slower or of another kind than is taken."""


class UnreachableError(OutsideError):
    """Nobody answered, or not to the end; later it may."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is taken: bytes after decompression, seconds in all, and kinds ("image/" is every picture; none at all
    means any kind)."""

    most_bytes: int = 10 * 1024 * 1024
    seconds: float = 20.0
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: the address it came from in the end, its status, headers in small letters, content."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def kind(self) -> str:
        """The media type as stated, in small letters and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_public(address: str) -> bool:
    """Whether anybody on the internet may be behind this address; also for IPv4 wrapped into IPv6."""
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (inner := _wrapped(found)) is not None:
        return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address really means."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    bits = int(address)
    if address in SIX_TO_FOUR:
        return ipaddress.IPv4Address((bits >> 80) & 0xFFFFFFFF)
    if address in TEREDO:
        return ipaddress.IPv4Address(~bits & 0xFFFFFFFF)
    if address in NAT64 or (address in COMPATIBLE and bits > 1):
        return ipaddress.IPv4Address(bits & 0xFFFFFFFF)
    return None


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, once."""
    return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def checked(host: str, port: int, *, allows_private: bool, resolving: Resolve = resolve) -> list[str]:
    """The addresses of a host that may be connected to. Raises ForbiddenAddressError where there is none."""
    try:
        addresses = resolving(host, port)
    except (OSError, UnicodeError):
        raise UnreachableError(f"There is no host “{host}”. Check the address.") from None
    fit = addresses if allows_private else [one for one in addresses if is_public(one)]
    if not fit:
        raise ForbiddenAddressError(
            f"“{host}” is in a private network, which is not asked for what others name. If it is a server of your "
            "own, allow private addresses for this channel."
        )
    return fit


def fetch(
    url: str,
    *,
    bounds: Bounds = Bounds(),
    headers: Mapping[str, str] | None = None,
    allows_private: bool = False,
    resolving: Resolve = resolve,
) -> Fetched:
    """GET an address and follow its redirects. Raises OutsideError; any status that is no redirect is an answer."""
    until = time.monotonic() + bounds.seconds
    backend = _Checked(until, allows_private=allows_private, resolving=resolving)
    try:
        with httpx.Client(transport=_Through(backend), headers=_asking(headers), timeout=STEP_SECONDS) as client:
            for _ in range(MOST_REDIRECTS + 1):
                target = _web_address(url)
                with client.stream("GET", target) as response:
                    to = response.headers.get("location", "")
                    if response.is_redirect and to:
                        moved = urljoin(target, to)
                        if urlsplit(moved).netloc != urlsplit(target).netloc:
                            client.headers.pop("authorization", None)
                        url = moved
                        continue
                    return _taken(response, target, bounds, until)
    except (
        httpx.HTTPError,
        httpcore.NetworkError,
        httpcore.TimeoutException,
        httpcore.ProtocolError,
        OSError,
    ) as error:
        raise UnreachableError(
            f"{_host(url)} could not be reached or did not finish its answer ({type(error).__name__})."
        ) from None
    raise TooMuchError(f"{_host(url)} sends on more than {MOST_REDIRECTS} times.")


def _asking(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {"user-agent": USER_AGENT, "accept-encoding": "gzip, deflate"} | dict(headers or {})


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "The address"
    except ValueError:
        return "The address"


def _web_address(url: str) -> str:
    """The address, if it is one of the web, without a name and password in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = None, None
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or port == 0
        or len(url) > LONGEST_URL
        or parts.username is not None
    ):
        raise ForbiddenAddressError("This is no address of the web. It begins with https:// and has a host.")
    try:
        return str(httpx.URL(url))
    except httpx.InvalidURL:
        raise ForbiddenAddressError("This is no address of the web: it has characters no address has.") from None


def _taken(response: httpx.Response, url: str, bounds: Bounds, until: float) -> Fetched:
    """Read an answer within its bounds."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if bounds.kinds and response.is_success and not kind.startswith(bounds.kinds):
        raise TooMuchError(f"{_host(url)} answered with “{kind or 'nothing stated'}”, which is not taken here.")
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return Fetched(url, response.status_code, dict(response.headers), b"")
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes(64 * 1024):
        size += len(part)
        if size > bounds.most_bytes:
            raise TooMuchError(f"What {_host(url)} sends is larger than {bounds.most_bytes / 1024**2:.0f} MB.")
        if time.monotonic() > until:
            raise TooMuchError(f"{_host(url)} took longer than {bounds.seconds:.0f} seconds.")
        parts.append(part)
    return Fetched(url, response.status_code, dict(response.headers), b"".join(parts))


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Checked(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and gives every step only the time that is left."""

    def __init__(self, until: float, *, allows_private: bool, resolving: Resolve) -> None:
        self._until, self._allows_private, self._resolving = until, allows_private, resolving
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that answers."""
        last: Exception = httpcore.ConnectError()
        for address in checked(host, port, allows_private=self._allows_private, resolving=self._resolving):
            try:
                stream = self._plain.connect_tcp(
                    address, port, timeout=_left(self._until, timeout), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _Bounded(stream, self._until)
        raise last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never."""
        raise ForbiddenAddressError("This is no address of the web.")


class _Bounded(httpcore.NetworkStream):
    """A connection on which no step outlasts the whole."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._until, timeout))
        return _Bounded(secured, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float, timeout: float | None) -> float:
    """Seconds a step may take: never more than are left of the whole, never none."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return min(left, timeout or STEP_SECONDS)


class _Through(httpx.BaseTransport):
    """httpx over a pool of connections that are checked."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=_trust(), network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=b"",
            extensions=request.extensions,
        )
        answered = self._pool.handle_request(asked)
        return httpx.Response(answered.status, headers=answered.headers, stream=_Streamed(answered))

    def close(self) -> None:
        self._pool.close()


class _Streamed(httpx.SyncByteStream):
    """The body of an answer as it comes."""

    def __init__(self, answered: httpcore.Response) -> None:
        self._answered = answered

    def __iter__(self) -> Any:
        yield from self._answered.iter_stream()

    def close(self) -> None:
        self._answered.close()
