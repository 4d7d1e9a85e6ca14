"""Rows behind figures that no metric counts."""
