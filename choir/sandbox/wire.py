"""How the sandbox network writes things down for companies: the shape of a post, and the signature of a webhook."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from choir.sandbox.models import Account, Picture, Post


def entries(posts: Sequence[Post]) -> list[dict[str, Any]]:
    """Several places of a stream with their pictures, in one more query."""
    by_post: dict[object, list[Picture]] = defaultdict(list)
    for one in Picture.objects.filter(post__in=posts).defer("content").order_by("id"):
        by_post[one.post_id].append(one)
    return [entry(post, by_post[post.pk]) for post in posts]


def entry(post: Post, pictures: Sequence[Picture] = ()) -> dict[str, Any]:
    """One place in a company's stream, as the API and webhooks show it. `post.author` must be loaded."""
    shown: dict[str, Any] = {"id": str(post.pk), "number": post.number, "place": post.author.place}
    if post.deleted_at is not None:
        return shown | {"deleted": True, "deleted_at": post.deleted_at.isoformat()}
    return shown | {
        "kind": post.kind,
        "text": post.text,
        "posted_at": post.posted_at.isoformat(),
        "author": author(post.author),
        "by_company": post.is_ours,
        "parent": str(post.parent_id) if post.parent_id else None,
        "thread": str(post.root_id or post.pk),
        "private": post.is_private,
        "stars": post.stars,
        "path": path(post),
        "pictures": [
            {
                "path": f"/sandbox/{post.author.place}/pictures/{one.pk}",
                "name": one.name,
                "media_type": one.media_type,
                "alt": one.alt_text,
            }
            for one in pictures
        ],
    }


def author(account: Account) -> dict[str, Any]:
    """Who said it."""
    return {
        "id": str(account.pk),
        "handle": account.handle,
        "name": account.name,
        "followers": account.followers_count,
        "path": f"/sandbox/{account.place}/?as={account.handle}",
    }


def path(post: Post) -> str:
    """Where a post is on the network's page."""
    return f"/sandbox/{post.author.place}/#post-{post.pk}"


def signed_headers(body: bytes, *, secret: str, webhook_id: str, at: dt.datetime) -> Mapping[str, str]:
    """The headers of a webhook after the Standard Webhooks convention (version 1)."""
    stamp = str(int(at.timestamp()))
    signed = b".".join([webhook_id.encode(), stamp.encode(), body])
    signature = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
