"""What is counted: how each conversation went, read from the record, and the metrics defined over it."""
