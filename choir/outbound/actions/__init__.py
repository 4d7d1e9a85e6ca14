"""The one gate out: everything that leaves Choir passes here. Drafts, sending, approvals, and settling what did not
arrive; `attempts` is for the flow alone."""

from choir.outbound.actions.approving import close_expired, decide, withdraw
from choir.outbound.actions.attaching import attach, attachable, attached, describe, detach
from choir.outbound.actions.drafts import discard_draft, save_draft
from choir.outbound.actions.sending import UNDO_SECONDS, send, send_automatic
from choir.outbound.actions.settling import retry, settle_by_hand, undo
from choir.outbound.refusals import CannotAttach, CannotReply, CheckStopped, RefusedError, StaleReply, TooLate, TooLong

__all__ = [
    "UNDO_SECONDS",
    "CannotAttach",
    "CannotReply",
    "CheckStopped",
    "RefusedError",
    "StaleReply",
    "TooLate",
    "TooLong",
    "attach",
    "attachable",
    "attached",
    "close_expired",
    "decide",
    "describe",
    "detach",
    "discard_draft",
    "retry",
    "save_draft",
    "send",
    "send_automatic",
    "settle_by_hand",
    "undo",
    "withdraw",
]
