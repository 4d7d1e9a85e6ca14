"""Learning: what people put right in a workspace adapts the shipped heads there, if it holds on examples kept back."""
