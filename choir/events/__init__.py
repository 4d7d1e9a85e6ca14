"""The append-only record: who did what to which row, when and why. Timeline, audit and figures read it."""
