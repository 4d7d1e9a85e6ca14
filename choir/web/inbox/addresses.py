"""Reading what comes in an address or a form."""

import uuid


def is_id(value: str) -> bool:
    """Whether a text is an id."""
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def number(text: str | None, *, otherwise: int) -> int:
    """A whole number that PostgreSQL can hold, or what stands for anything else."""
    try:
        return max(-1, min(int(text or ""), 2_000_000_000))
    except ValueError:
        return otherwise
