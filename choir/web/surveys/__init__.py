"""What customers see: the page on which they say how it went."""
