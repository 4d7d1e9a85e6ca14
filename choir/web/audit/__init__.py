"""The record, to read, filter, export and verify."""
