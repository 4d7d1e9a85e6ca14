"""The one place that says what happens next: for each step, which rows are due and what to do."""
