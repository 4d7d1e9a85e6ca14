"""The language of listening queries: one tree, and its three uses: in PostgreSQL, in memory, on a network."""
