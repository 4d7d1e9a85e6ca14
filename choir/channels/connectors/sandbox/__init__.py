"""The sandbox network: a real little network inside Choir, to try everything without an account elsewhere."""
