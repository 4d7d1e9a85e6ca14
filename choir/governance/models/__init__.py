"""The committee and its meetings, what is decided there, and what is to be done."""

from choir.governance.models.committee import Agreeing, CalendarFeed, Committee, Seat
from choir.governance.models.decision import ActionItem, Decision, Enactment, Reversal, Review
from choir.governance.models.item import AgendaItem, Outcome, Paper, Stance, Vote, VoteChoice
from choir.governance.models.meeting import Attendance, Meeting

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Agreeing",
    "Attendance",
    "CalendarFeed",
    "Committee",
    "Decision",
    "Enactment",
    "Meeting",
    "Outcome",
    "Paper",
    "Reversal",
    "Review",
    "Seat",
    "Stance",
    "Vote",
    "VoteChoice",
]
