"""The one gate out: everything that leaves Choir passes here. Drafts, sending, approvals, and settling what did not
arrive; `attempts` is for the flow alone."""

from choir.outbound.actions.approving import close_expired, decide, withdraw
from choir.outbound.actions.drafts import discard_draft, save_draft
from choir.outbound.actions.sending import UNDO_SECONDS, send
from choir.outbound.actions.settling import retry, settle_by_hand, undo
from choir.outbound.refusals import CannotReply, CheckStopped, RefusedError, StaleReply, TooLate, TooLong

__all__ = [
    "UNDO_SECONDS",
    "CannotReply",
    "CheckStopped",
    "RefusedError",
    "StaleReply",
    "TooLate",
    "TooLong",
    "close_expired",
    "decide",
    "discard_draft",
    "retry",
    "save_draft",
    "send",
    "settle_by_hand",
    "undo",
    "withdraw",
]
