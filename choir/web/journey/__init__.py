"""The customers' way as a whole: the flow between stages, where they leave, whom they met, what they say."""
