"""What changes while a page is open: one listening connection a process, one stream a page."""
