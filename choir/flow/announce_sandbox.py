"""The step `sandbox`: the sandbox network tells companies what is new, by signed webhooks, until they take it."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from urllib.parse import urljoin

import httpx
import structlog
from django.conf import settings
from django.db import transaction

from choir.ids import new_id
from choir.sandbox.models import Account, Post
from choir.sandbox.wire import entries, signed_headers
from choir.wake import Step, wake

AT_ONCE = 100
LEASE = dt.timedelta(seconds=30)
TIMEOUT_SECONDS = 10
LONGEST_PAUSE = dt.timedelta(minutes=10)
GIVE_UP_AFTER_ATTEMPTS = 30  # from then on the company finds it by fetching its stream

log = structlog.get_logger()


def announce_sandbox(*, at: dt.datetime) -> int:
    """Announce one batch of news, one webhook a company; how many posts were taken."""
    by_company: dict[Account, list[Post]] = defaultdict(list)
    for post in _leased(at):
        if post.company is not None:
            by_company[post.company].append(post)
    return sum(_announce(company, posts, at=at) for company, posts in by_company.items())


@transaction.atomic
def _leased(at: dt.datetime) -> list[Post]:
    """Posts to announce now, put off for everybody else until the lease ends."""
    due = (
        Post.objects.to_announce(at)
        .order_by("announce_due_at", "number")
        .select_for_update(skip_locked=True, of=("self",))
    )
    posts = list(due.select_related("author", "company")[:AT_ONCE])
    Post.objects.filter(pk__in=[post.pk for post in posts]).update(announce_due_at=at + LEASE)
    return posts


def _announce(company: Account, posts: list[Post], *, at: dt.datetime) -> int:
    body = json.dumps({"entries": entries(posts)}, ensure_ascii=False).encode()
    headers = signed_headers(body, secret=company.webhook_secret, webhook_id=str(new_id()), at=at)
    address = urljoin(settings.PUBLIC_URL, company.webhook_url)
    ids = [post.pk for post in posts]
    try:
        answer = httpx.post(address, content=body, headers=dict(headers), timeout=TIMEOUT_SECONDS, trust_env=False)
        problem = "" if answer.is_success else f"it answered {answer.status_code}"
    except httpx.HTTPError as error:
        problem = type(error).__name__
    if not problem:
        return Post.objects.filter(pk__in=ids).update(announced_at=at, announce_due_at=None)
    log.warning("sandbox.webhook_failed", company=company.handle, posts=len(posts), because=problem)
    for post in posts:
        post.announce_attempts_count += 1
        pause = min(dt.timedelta(seconds=2**post.announce_attempts_count), LONGEST_PAUSE)
        post.announce_due_at = None if post.announce_attempts_count >= GIVE_UP_AFTER_ATTEMPTS else at + pause
    Post.objects.bulk_update(posts, ["announce_attempts_count", "announce_due_at"])
    again_at = min((post.announce_due_at for post in posts if post.announce_due_at), default=None)
    if again_at is not None:
        wake(Step.SANDBOX, at=again_at)
    return 0
