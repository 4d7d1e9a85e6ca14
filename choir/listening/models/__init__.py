"""Mention, wording, query, inquiry, match, volume, spike, watch."""

from choir.listening.models.inquiry import Inquiry
from choir.listening.models.match import Match, Volume
from choir.listening.models.mention import Mention
from choir.listening.models.query import Query
from choir.listening.models.spike import Spike
from choir.listening.models.watch import Watch
from choir.listening.models.wording import Wording

__all__ = ["Inquiry", "Match", "Mention", "Query", "Spike", "Volume", "Watch", "Wording"]
