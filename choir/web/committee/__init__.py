"""The committee: its next meeting, the meeting itself, what it decided, and how well it does."""
