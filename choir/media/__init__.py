"""Pictures and files: what came with what customers said, and what goes out with our answers."""
