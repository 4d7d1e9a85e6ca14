"""The committee: its meetings, what they decide, and what came of it."""
