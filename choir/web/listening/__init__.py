"""What is said about us in public: the stream, queries, trends, spikes."""
