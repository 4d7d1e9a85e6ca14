"""The one gate for everything that leaves: drafts, checks, approvals, deliveries."""
