"""The sandbox network as the world sees it: its page, and its API for companies."""
