"""History read from files: what the importer stored becomes items; nothing is fetched and nothing can be sent."""
