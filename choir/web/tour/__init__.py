"""The guided tour of the demo company: one decision, from trouble to what it was worth, page by page."""
