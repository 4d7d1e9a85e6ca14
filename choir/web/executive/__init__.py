"""What leaders read: the week's brief, customers to hear, and everything in one view."""
