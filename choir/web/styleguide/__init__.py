"""Every part in every state, on one page: to look at, to compare with, to test."""
