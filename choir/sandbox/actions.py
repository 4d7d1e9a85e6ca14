"""What can be done on the sandbox network: joining it, saying something, taking it back."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from choir.sandbox.models import Account, Picture, Post

LONGEST_TEXT = 2000
MOST_PICTURES = 4
LARGEST_PICTURE = 2_000_000
LONGEST_ALT_TEXT = 1000
PICTURE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
KINDS = ("post", "comment", "reply", "direct", "review")


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that somebody wants to post."""

    name: str
    media_type: str
    content: bytes
    alt_text: str = ""


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
    pictures: Sequence[Shown] = (),
) -> Post:
    """Say something. A comment goes where its parent is; a direct message joins the one conversation the two have.

    Refuses an empty or over-long text, a deleted parent, stars outside 1 to 5, and pictures that are too many, too
    large or none."""
    _check(text=text, parent=parent, stars=stars)
    _check_pictures(pictures)
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
    for one in pictures:
        Picture.objects.create(
            post=post,
            name=one.name[:200],
            media_type=one.media_type,
            alt_text=one.alt_text,
            content=one.content,
        )
    return post


@transaction.atomic
def take_back(post: Post, *, by: Account, at: dt.datetime) -> None:
    """Delete what one said oneself. It takes a new place in the company's stream, so that the company learns of it."""
    if post.author_id != by.pk:
        raise RefusedError("Only its author can delete this.", status=403)
    company = post.company
    post.deleted_at, post.text = at, ""
    post.pictures.all().delete()
    if company is not None:
        post.number = _next_number(company)
        post.announced_at, post.announce_due_at = None, at if company.webhook_url else None
    post.save()


def hide(post: Post, *, by: Account, is_hidden: bool, at: dt.datetime) -> None:
    """Hide what was said to a company from everybody else, or show it again."""
    if post.company_id != by.pk or post.author_id == by.pk or post.is_private:
        raise RefusedError("Only what others said to this company in public can be hidden by it.", status=403)
    post.hidden_at = at if is_hidden else None
    post.save(update_fields=["hidden_at"])


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


def _check_pictures(pictures: Sequence[Shown]) -> None:
    if len(pictures) > MOST_PICTURES:
        raise RefusedError(f"There are {len(pictures)} pictures; {MOST_PICTURES} is the limit.", status=422)
    for one in pictures:
        if one.media_type not in PICTURE_TYPES:
            raise RefusedError(f"“{one.name}” is no picture this network shows.", status=422)
        if not 0 < len(one.content) <= LARGEST_PICTURE:
            raise RefusedError(f"“{one.name}” is empty or larger than {LARGEST_PICTURE:,} bytes.", status=422)
        if len(one.alt_text) > LONGEST_ALT_TEXT:
            raise RefusedError(f"The description of “{one.name}” is longer than {LONGEST_ALT_TEXT}.", status=422)


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
