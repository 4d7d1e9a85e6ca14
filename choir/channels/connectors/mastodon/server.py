"""One server of the Mastodon API: its client, its answers as they came, its refusals as the contract's errors."""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from mastodon import Mastodon
from mastodon.errors import (
    MastodonAPIError,
    MastodonError,
    MastodonIllegalArgumentError,
    MastodonMalformedEventError,
    MastodonNetworkError,
    MastodonNotFoundError,
    MastodonRatelimitError,
    MastodonServerError,
    MastodonUnauthorizedError,
)
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from choir.channels.contract import (
    Account,
    Allowance,
    RateLimitedError,
    RejectedError,
    SignInExpiredError,
    TemporaryError,
)

USUAL_WAIT = dt.timedelta(minutes=5)  # the window of Mastodon's own limits
NAME = "The Mastodon server"


class Answers(requests.Session):
    """Keeps the last answer as it came, and notes what the server says of its limits."""

    def __init__(self, note: Callable[[Allowance], None]) -> None:
        super().__init__()
        self.trust_env = False
        self.note = note
        self.last: requests.Response | None = None

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask, remember the answer."""
        self.last = None
        answer: requests.Response = super().request(*args, **kwargs)
        self.last = answer
        allowance = allowance_of(answer)
        if allowance is not None:
            self.note(allowance)
        return answer


def allowance_of(answer: requests.Response) -> Allowance | None:
    """What the headers state: https://docs.joinmastodon.org/api/rate-limits/. GoToSocial writes seconds since 1970."""
    limit, remaining = answer.headers.get("X-RateLimit-Limit", ""), answer.headers.get("X-RateLimit-Remaining", "")
    reset = answer.headers.get("X-RateLimit-Reset", "")
    if not (limit.isdigit() and remaining.isdigit() and reset):
        return None
    try:
        resets_at = (
            dt.datetime.fromtimestamp(int(reset), dt.UTC) if reset.isdigit() else dt.datetime.fromisoformat(reset)
        )
    except (ValueError, OverflowError, OSError):
        return None
    resets_at = resets_at if resets_at.tzinfo else resets_at.replace(tzinfo=dt.UTC)
    return Allowance(limit=int(limit), remaining=int(remaining), resets_at=resets_at)


class Server:
    """The client of one account; `asked` runs one call and gives what the server sent, unchanged."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.answers = Answers(account.note)
        weakref.finalize(self, self.answers.close)  # its connections end with it
        self.address = str(account.settings.get("address") or "").rstrip("/")
        self.client = Mastodon(
            api_base_url=self.address,
            access_token=account.secret.get("access_token") or None,
            client_id=account.secret.get("client_id") or None,
            client_secret=account.secret.get("client_secret") or None,
            ratelimit_method="throw",
            request_timeout=float(account.settings.get("timeout_seconds", 10)),
            version_check_mode="none",
            session=self.answers,
            user_agent="Choir",
        )
        # Without this the client asks before some calls what the server is; the server refuses by itself what it lacks.
        self.client.verify_minimum_version = lambda *_, **__: True  # type: ignore[method-assign]

    def asked(self, call: Callable[..., Any], *args: Any, writes: bool = False, **kwargs: Any) -> Any:
        """The JSON that a call brought, as it came."""
        with refusals(self.answers, writes=writes):
            call(*args, **kwargs)
        assert self.answers.last is not None
        try:
            return self.answers.last.json()
        except ValueError:
            raise broken(writes=writes) from None


def broken(*, writes: bool) -> TemporaryError:
    """An answer that is none."""
    return TemporaryError(
        f"{NAME} answered with something that is not what it promises.",
        may_have_happened=writes,
    )


@contextmanager
def refusals(answers: Answers, *, writes: bool) -> Iterator[None]:
    """Turn the client's errors into the contract's. `writes`: without an answer it may have happened."""
    try:
        yield
    except MastodonUnauthorizedError:
        raise SignInExpiredError(f"{NAME} no longer accepts our sign-in (401). Connect the channel again.") from None
    except MastodonRatelimitError:
        allowance = allowance_of(answers.last) if answers.last is not None else None
        until = allowance.resets_at if allowance else _retry_after(answers)
        raise RateLimitedError(f"{NAME} asks us to wait until {until:%H:%M:%S} UTC (429).", until=until) from None
    except MastodonNetworkError as error:
        raise _unreached(error, writes=writes) from None
    except MastodonMalformedEventError:
        raise broken(writes=False) from None
    except MastodonServerError:
        status = answers.last.status_code if answers.last is not None else 500
        raise TemporaryError(f"{NAME} failed ({status}).", may_have_happened=writes) from None
    except MastodonNotFoundError:
        raise RejectedError(f"{NAME} does not have this (any more) (404).") from None
    except (MastodonAPIError, MastodonIllegalArgumentError) as error:
        raise _refused(error, answers, writes=writes) from None
    except MastodonError as error:
        raise TemporaryError(f"{NAME} did not do it ({type(error).__name__}).", may_have_happened=writes) from None
    except (KeyError, TypeError, AttributeError, ValueError):
        raise broken(writes=writes) from None


def _unreached(error: MastodonNetworkError, *, writes: bool) -> TemporaryError:
    cause = error.__context__
    reason = (
        getattr(cause.args[0], "reason", None) if isinstance(cause, requests.RequestException) and cause.args else None
    )
    never_began = isinstance(cause, requests.ConnectTimeout) or isinstance(
        reason, NewConnectionError | ConnectTimeoutError
    )
    what = "could not be reached" if never_began else "did not finish its answer"
    return TemporaryError(
        f"{NAME} {what} ({type(cause or error).__name__}).",
        may_have_happened=writes and not never_began,
    )


def _refused(error: Exception, answers: Answers, *, writes: bool) -> Exception:
    status = answers.last.status_code if answers.last is not None else 0
    if 200 <= status < 300:
        return broken(writes=writes)
    if status == requests.codes.forbidden:
        return RejectedError(f"{NAME} does not allow this for our account (403). Check its permissions there.")
    if status == requests.codes.request_timeout:
        return TemporaryError(f"{NAME} was too slow (408).", may_have_happened=writes)
    said = str(error.args[3])[:200] if len(error.args) > 3 and error.args[3] else ""
    because = f"{status or type(error).__name__}" + (f": {said}" if said else "")
    return RejectedError(f"{NAME} refuses this ({because}). Trying again will not help.")


def _retry_after(answers: Answers) -> dt.datetime:
    stated = answers.last.headers.get("Retry-After", "") if answers.last is not None else ""
    wait = dt.timedelta(seconds=min(int(stated), 86_400)) if stated.isdigit() else USUAL_WAIT
    return dt.datetime.now(dt.UTC) + wait
