"""Django's settings, the URL table and the server entry points."""
