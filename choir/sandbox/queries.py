"""What is read from the sandbox network: a company's stream, its own answers, the threads of a place."""

from __future__ import annotations

import uuid

from django.db.models import Count, Prefetch, Q

from choir.sandbox.actions import digest_of
from choir.sandbox.models import Account, Picture, Post

LONGEST_PAGE = 500


def company_by_token(place: str, token: str) -> Account | None:
    """The company whose API token this is."""
    return Account.objects.filter(place=place, token_digest=digest_of(token)).first() if token else None


def stream(company: Account, *, after: int, limit: int) -> tuple[list[Post], bool]:
    """A company's stream after a place, oldest first, and whether there is more."""
    size = max(1, min(limit, LONGEST_PAGE))
    found = list(
        Post.objects.filter(company=company, number__gt=after).select_related("author").order_by("number")[: size + 1]
    )
    return found[:size], len(found) > size


def answers_to(company: Account, post_id: uuid.UUID, *, limit: int) -> list[Post]:
    """What a company said under a post, newest first."""
    own = Post.objects.filter(author=company, parent_id=post_id, deleted_at=None).select_related("author")
    return list(own.order_by("-id")[: max(1, min(limit, LONGEST_PAGE))])


def answers_count(company: Account, post_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many answers each of a company's own posts has; those it did not say are left out."""
    own = Post.objects.filter(author=company, pk__in=post_ids, deleted_at=None)
    counted = own.annotate(answers_count=Count("answers", filter=Q(answers__deleted_at=None)))
    return dict(counted.values_list("pk", "answers_count"))


def companies_of(place: str) -> list[Account]:
    """Demo companies of a place; a place without one is not open to anybody."""
    return list(Account.objects.filter(place=place, is_demo=True).exclude(token_digest="").order_by("name"))


def threads_of(companies: list[Account], *, seen_by: Account | None, limit: int) -> list[list[Post]]:
    """The newest threads around companies, each oldest first; direct messages only of whoever looks."""
    starts = Post.objects.filter(company__in=companies, root=None, deleted_at=None)
    starts = starts.exclude(is_private=True) | starts.filter(is_private=True, author=seen_by)
    starts = starts.select_related("author", "company").prefetch_related(_without_content())
    roots = list(starts.order_by("-number", "-id")[:limit])
    rest = Post.objects.filter(root__in=roots, deleted_at=None).select_related("author", "company")
    rest = rest.prefetch_related(_without_content()).order_by("id")
    threads = {root.pk: [root] for root in roots}
    for post in rest:
        if post.root_id is not None:
            threads[post.root_id].append(post)
    return list(threads.values())


def _without_content() -> Prefetch[str]:
    return Prefetch("pictures", queryset=Picture.objects.defer("content").order_by("id"))


def places() -> list[str]:
    """Places with a demo company."""
    found = Account.objects.filter(is_demo=True).exclude(token_digest="").values_list("place", flat=True)
    return sorted(set(found))
