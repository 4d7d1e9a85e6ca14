"""The inbox: views with counts, the list, the conversation, what is written and decided there."""
