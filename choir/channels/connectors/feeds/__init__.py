"""Feeds: RSS, Atom and JSON Feed; news, blogs, review sites, forums. Listening only."""
