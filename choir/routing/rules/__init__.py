"""Rules: what a company insists on, before the ownership matrix is asked."""
