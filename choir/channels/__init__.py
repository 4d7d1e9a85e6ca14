"""Our accounts on networks, what arrives from them, and the contract every connector keeps."""
