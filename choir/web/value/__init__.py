"""What it was worth: accounts per goal, conversions and where they come from, spend, assumptions."""
