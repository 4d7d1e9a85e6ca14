"""What was heard: mentions, every inbound item, immutable."""
