"""Where networks announce news to us."""
