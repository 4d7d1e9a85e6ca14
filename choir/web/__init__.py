"""Every page. The only code that knows HTML."""
