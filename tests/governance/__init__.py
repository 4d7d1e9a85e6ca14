"""The committee: its meetings, decisions and what comes of them."""
