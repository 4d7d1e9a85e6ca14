"""Reading files of history: pure, from a path to rows that say what was said, when, by whom, or why they cannot."""
