"""Mail servers: where they are, signing in to them, and what they refuse as the contract's errors.

No error carries a password or a mail: only the host and the server's own words, and those without our user name.
"""

from __future__ import annotations

import datetime as dt
import imaplib
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from choir.channels.contract import (
    Account,
    ConnectorError,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
    TemporaryError,
)
from choir.outside import OutsideError, checked

SECURITIES = ("tls", "starttls", "none")
PORTS = {("imap", "tls"): 993, ("imap", "starttls"): 143, ("imap", "none"): 143}
PORTS |= {("smtp", "tls"): 465, ("smtp", "starttls"): 587, ("smtp", "none"): 25}
TIMEOUT_SECONDS = 20.0
PAUSE_AFTER_LIMIT = dt.timedelta(minutes=5)
# Providers whose servers are not called imap.DOMAIN and smtp.DOMAIN: domain, IMAP, SMTP, its encryption.
KNOWN = {
    "gmail.com": ("imap.gmail.com", "smtp.gmail.com", "tls"),
    "googlemail.com": ("imap.gmail.com", "smtp.gmail.com", "tls"),
    "outlook.com": ("outlook.office365.com", "smtp.office365.com", "starttls"),
    "hotmail.com": ("outlook.office365.com", "smtp.office365.com", "starttls"),
    "icloud.com": ("imap.mail.me.com", "smtp.mail.me.com", "starttls"),
    "me.com": ("imap.mail.me.com", "smtp.mail.me.com", "starttls"),
    "yahoo.com": ("imap.mail.yahoo.com", "smtp.mail.yahoo.com", "tls"),
    "fastmail.com": ("imap.fastmail.com", "smtp.fastmail.com", "tls"),
    "gmx.net": ("imap.gmx.net", "mail.gmx.net", "tls"),
    "gmx.de": ("imap.gmx.net", "mail.gmx.net", "tls"),
    "web.de": ("imap.web.de", "smtp.web.de", "tls"),
    "zoho.com": ("imap.zoho.com", "smtp.zoho.com", "tls"),
}
TEMPORARY_AUTHENTICATION_FAILURE = 454  # RFC 4954 §6; servers add 4.7.0, which otherwise means a limit
LIMITED = re.compile(r"\b4\.7\.\d|rate|too many|throttl|limit|quota", re.IGNORECASE)
CODE = re.compile(r"\[([A-Z]+)[^\]]*\]")
OTHER_REASONS = re.compile(
    r"\[(UNAVAILABLE|LIMIT|AUTHORIZATIONFAILED|PRIVACYREQUIRED|CONTACTADMIN|NOPERM)\]|too many|try again|temporar",
    re.IGNORECASE,
)
NOT_ALLOWED = frozenset(
    {"AUTHORIZATIONFAILED", "NOPERM", "PRIVACYREQUIRED", "CONTACTADMIN", "NONEXISTENT", "CANNOT", "OVERQUOTA"}
)
ADDRESSES = re.compile(r"[^\s<>]+@[^\s<>]+")


@dataclass(frozen=True, slots=True)
class Server:
    """One server and how to sign in to it."""

    protocol: str
    host: str
    port: int
    security: str
    username: str
    allows_private: bool
    timeout_seconds: float
    password: str = field(repr=False, default="")

    def check(self) -> None:
        """Refuse what leads into private networks, or would show the password on the way."""
        if not self.host:
            raise RejectedError(f"The {self.protocol.upper()} server is not known. Give its name.")
        if self.security == "none" and not self.allows_private:
            raise RejectedError(
                "Without encryption the password would travel in clear. Choose TLS or STARTTLS; only servers in your "
                "own network are asked without."
            )
        try:
            checked(self.host, self.port, allows_private=self.allows_private)
        except OutsideError as error:
            if "no host" in str(error):
                raise TemporaryError(str(error), may_have_happened=False) from None
            raise RejectedError(str(error)) from None


def server(protocol: str, account: Account) -> Server:
    """Where an account's mail is, as stated or as its address tells."""
    stated = account.settings
    address = str(stated.get("address") or account.handle)
    domain = address.rpartition("@")[2].lower()
    known = KNOWN.get(domain)
    host = str(stated.get(f"{protocol}_host") or "")
    security = str(stated.get(f"{protocol}_security") or "")
    if not host and domain:
        host = known[protocol == "smtp"] if known else f"{protocol}.{domain}"
        security = security or (known[2] if known and protocol == "smtp" else "")
    security = security if security in SECURITIES else "tls"
    password = account.secret.get("password", "")
    return Server(
        protocol=protocol,
        host=host,
        port=_number(stated.get(f"{protocol}_port")) or PORTS[protocol, security],
        security=security,
        username=str(stated.get("username") or address),
        allows_private=bool(stated.get("allows_private")),
        timeout_seconds=float(stated.get("timeout_seconds") or TIMEOUT_SECONDS),
        password=(account.secret.get("smtp_password") if protocol == "smtp" else "") or password,
    )


def _number(stated: Any) -> int:
    text = str(stated or "")
    return int(text) if text.isdigit() and 0 < int(text) < 65536 else 0


@contextmanager
def imap(at: Server) -> Iterator[IMAPClient]:
    """A signed-in connection, for as long as the block runs; what goes wrong inside is the contract's error."""
    at.check()
    client: IMAPClient | None = None
    try:
        try:
            client = _connected(at)
            client.login(at.username, at.password)
        except LoginError as error:
            if isinstance(error.__context__, imaplib.IMAP4.abort):
                raise _unreachable(at, error.__context__, began=True) from None
            raise _login_refused(at, _words(error)) from None
        yield client
    except ConnectorError:
        raise
    except ssl.SSLCertVerificationError:
        raise RejectedError(f"The certificate of {at.host} does not fit its name or is not trusted.") from None
    except (OSError, imaplib.IMAP4.abort, IMAPClientAbortError) as error:
        raise _unreachable(at, error, began=client is not None) from None
    except (IMAPClientError, imaplib.IMAP4.error) as error:
        raise _imap_refused(at, _words(error)) from None
    except (ValueError, KeyError, IndexError, TypeError, AssertionError) as error:
        raise TemporaryError(
            f"{at.host} answered what no IMAP server answers ({type(error).__name__}).",
            may_have_happened=False,
        ) from None
    finally:
        if client is not None:
            _farewell(client)


def _farewell(client: IMAPClient) -> None:
    try:
        client.logout()
    except (OSError, imaplib.IMAP4.error, IMAPClientError, ValueError, AttributeError):
        with suppress(OSError, AttributeError):
            client.shutdown()


def _connected(at: Server) -> IMAPClient:
    context = ssl.create_default_context()
    is_tls = at.security == "tls"
    client = IMAPClient(
        at.host, port=at.port, ssl=is_tls, ssl_context=context if is_tls else None, timeout=at.timeout_seconds
    )
    if at.security == "starttls":
        client.starttls(context)
    return client


def _login_refused(at: Server, said: str) -> ConnectorError:
    """A login that was refused is a wrong password, unless the server says that it is something else."""
    if OTHER_REASONS.search(said):
        return _imap_refused(at, said)
    return SignInExpiredError(
        f"{at.host} does not accept this user name and password ({said}). If the account has two-factor sign-in, make "
        "an app password in its security settings; if the password was changed, connect the channel again."
    )


def _imap_refused(at: Server, said: str) -> ConnectorError:
    """A refusal by its response code (RFC 5530)."""
    code = found[1].upper() if (found := CODE.search(said)) else ""
    if code in ("AUTHENTICATIONFAILED", "EXPIRED"):
        return SignInExpiredError(f"{at.host} no longer accepts our sign-in ({said}). Connect the channel again.")
    if code == "LIMIT" or "too many" in said.lower():
        until = dt.datetime.now(dt.UTC) + PAUSE_AFTER_LIMIT
        return RateLimitedError(f"{at.host} asks us to wait until {until:%H:%M} UTC ({said}).", until=until)
    if code in NOT_ALLOWED:
        return RejectedError(f"{at.host} does not allow this ({said}). Ask whoever runs the mail server.")
    return TemporaryError(f"{at.host} failed ({said}).", may_have_happened=False)


def _unreachable(at: Server, error: BaseException, *, began: bool) -> ConnectorError:
    kind = type(error).__name__
    if began:
        return TemporaryError(f"{at.host} did not finish its answer ({kind}).")
    return TemporaryError(
        f"{at.host}, port {at.port}, could not be reached ({kind}). If it lasts, check name, port and encryption.",
        may_have_happened=False,
    )


@contextmanager
def smtp(at: Server) -> Iterator[smtplib.SMTP]:
    """A signed-in connection to send through; closed at the end. Errors until then mean that nothing was sent."""
    at.check()
    client: smtplib.SMTP | None = None
    try:
        client = _greeted(at)
        if client.has_extn("auth") and at.password:
            client.login(at.username, at.password)
    except ssl.SSLCertVerificationError:
        raise RejectedError(f"The certificate of {at.host} does not fit its name or is not trusted.") from None
    except smtplib.SMTPAuthenticationError as error:
        hang_up(client)
        raise _auth_refused(at, error) from None
    except smtplib.SMTPResponseException as error:
        hang_up(client)
        raise smtp_refusal(at, error.smtp_code, error.smtp_error) from None
    except (OSError, smtplib.SMTPException) as error:
        hang_up(client)
        raise _unreachable(at, error, began=False) from None
    try:
        yield client
    finally:
        hang_up(client)


def _greeted(at: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    client = (
        smtplib.SMTP_SSL(at.host, at.port, timeout=at.timeout_seconds, context=context)
        if at.security == "tls"
        else smtplib.SMTP(at.host, at.port, timeout=at.timeout_seconds)
    )
    client.ehlo_or_helo_if_needed()
    if at.security == "starttls":
        client.starttls(context=context)
        client.ehlo()
    return client


def hang_up(client: smtplib.SMTP | None) -> None:
    """Close without waiting for a farewell: what was accepted was accepted."""
    if client is not None:
        with suppress(Exception):
            client.close()


def _auth_refused(at: Server, error: smtplib.SMTPAuthenticationError) -> ConnectorError:
    if error.smtp_code // 100 == 4:
        return smtp_refusal(at, error.smtp_code, error.smtp_error)
    return SignInExpiredError(
        f"{at.host} does not accept this user name and password ({error.smtp_code}). If the account has two-factor "
        "sign-in, make an app password; if the password was changed, connect the channel again."
    )


def smtp_refusal(at: Server, code: int, said: bytes | str, *, may_have_happened: bool = False) -> ConnectorError:
    """The contract's error for an SMTP reply that is no success (RFC 5321 §4.2.1: 4 is for now, 5 for good)."""
    words = _plain(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
    if code in (530, 535):
        return SignInExpiredError(f"{at.host} asks for a sign-in ({code} {words}). Connect the channel again.")
    if code == TEMPORARY_AUTHENTICATION_FAILURE:
        return TemporaryError(
            f"{at.host} cannot check our sign-in now ({code} {words}).",
            may_have_happened=may_have_happened,
        )
    if code // 100 == 4 and LIMITED.search(words):
        until = dt.datetime.now(dt.UTC) + PAUSE_AFTER_LIMIT
        return RateLimitedError(f"{at.host} asks us to wait until {until:%H:%M} UTC ({code} {words}).", until=until)
    if code // 100 == 5:
        return RejectedError(f"{at.host} refuses this mail ({code} {words}). Trying again will not help.")
    return TemporaryError(
        f"{at.host} cannot take it now ({code} {words}).",
        may_have_happened=may_have_happened,
    )


def _words(error: BaseException) -> str:
    said = error.args[0] if error.args else type(error).__name__
    return _plain(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said))


def _plain(text: str) -> str:
    """A server's words, short, on one line, without addresses."""
    return ADDRESSES.sub("…", " ".join(text.split()))[:160] or "no reason given"


def found_settings(imap_at: Server, smtp_at: Server) -> Mapping[str, Any]:
    """What was found out about the servers, to be kept with the channel."""
    return {
        "imap_host": imap_at.host,
        "imap_port": imap_at.port,
        "imap_security": imap_at.security,
        "smtp_host": smtp_at.host,
        "smtp_port": smtp_at.port,
        "smtp_security": smtp_at.security,
    }
