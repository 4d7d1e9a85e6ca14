"""Knowledge: answers with owner and expiry, macros, who knows what."""
