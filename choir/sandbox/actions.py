"""What can be done on the sandbox network: joining it, saying something, taking it back."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction

from choir.sandbox.models import Account, Post

LONGEST_TEXT = 2000
KINDS = ("post", "comment", "reply", "direct", "review")


class RefusedError(Exception):
    """The network does not take this; the text says why. `status` is the HTTP status its API answers with."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def digest_of(token: str) -> str:
    """What is kept of an API token."""
    return hashlib.sha256(token.encode()).hexdigest()


def join_as_company(*, place: str, handle: str, name: str, is_demo: bool = False) -> tuple[Account, str]:
    """A company's account and its API token, which is shown this once. Joining again gives a new token."""
    token = secrets.token_urlsafe(24)
    account, _ = Account.objects.update_or_create(
        place=place,
        handle=handle,
        defaults={
            "name": name,
            "is_demo": is_demo,
            "token_digest": digest_of(token),
            "webhook_secret": secrets.token_urlsafe(24),
        },
    )
    return account, token


def join_as_customer(*, place: str, handle: str, name: str = "", followers_count: int = 0) -> Account:
    """A customer's account, new or known. Refuses the handle of a company."""
    account, _ = Account.objects.get_or_create(
        place=place, handle=handle, defaults={"name": name, "followers_count": followers_count}
    )
    if account.token_digest:
        raise RefusedError(f"@{handle} is a company. Choose another name.")
    return account


@transaction.atomic
def say(
    *,
    author: Account,
    text: str,
    at: dt.datetime,
    company: Account | None = None,
    parent: Post | None = None,
    kind: str = "",
    stars: int | None = None,
) -> Post:
    """Say something. A comment goes where its parent is; a direct message joins the one conversation the two have.

    Refuses an empty or over-long text, a deleted parent, and stars outside 1 to 5."""
    _check(text=text, parent=parent, stars=stars)
    concerned = company or (parent.company if parent else None)
    kind = kind or ("reply" if parent else "post")
    if kind == "direct" and parent is None:
        parent = _last_direct(author, concerned)
    post = Post(
        author=author,
        company=concerned,
        parent=parent,
        root=(parent.root or parent) if parent else None,
        kind="direct" if parent is not None and parent.is_private else kind,
        text=text,
        stars=stars,
        is_private=parent.is_private if parent else kind == "direct",
        posted_at=at,
        number=_next_number(concerned) if concerned else None,
        announce_due_at=at if concerned is not None and concerned.webhook_url else None,
    )
    post.save(force_insert=True)
    return post


@transaction.atomic
def take_back(post: Post, *, by: Account, at: dt.datetime) -> None:
    """Delete what one said oneself. It takes a new place in the company's stream, so that the company learns of it."""
    if post.author_id != by.pk:
        raise RefusedError("Only its author can delete this.", status=403)
    company = post.company
    post.deleted_at, post.text = at, ""
    if company is not None:
        post.number = _next_number(company)
        post.announced_at, post.announce_due_at = None, at if company.webhook_url else None
    post.save()


def _check(*, text: str, parent: Post | None, stars: int | None) -> None:
    if not text.strip():
        raise RefusedError("It has no text. Write something.")
    if len(text) > LONGEST_TEXT:
        raise RefusedError(f"It has {len(text)} characters; {LONGEST_TEXT} is the limit. Shorten it.", status=422)
    if "\x00" in text:
        raise RefusedError("It has a NUL character, which this network does not take.", status=422)
    if parent is not None and parent.deleted_at is not None:
        raise RefusedError("What this answers was deleted.", status=410)
    if stars is not None and not 1 <= stars <= 5:
        raise RefusedError("Stars go from 1 to 5.")


def _last_direct(author: Account, company: Account | None) -> Post | None:
    first = Post.objects.filter(author=author, company=company, is_private=True, root=None).order_by("id").first()
    if first is None:
        return None
    return Post.objects.filter(root=first, deleted_at=None).order_by("-id").first() or first


def _next_number(company: Account) -> int:
    """The next place in a company's stream. The row stays locked until the transaction ends, so that places become
    visible in their order and a cursor never jumps over one."""
    row = Account.objects.select_for_update().only("last_number").get(pk=company.pk)
    row.last_number += 1
    row.save(update_fields=["last_number"])
    return row.last_number
