"""What it was worth: conversions, contacts settled, customers kept; less what it cost; and what cannot be claimed."""
