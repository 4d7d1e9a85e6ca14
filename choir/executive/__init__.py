"""What leaders see of a week: the brief, and the customers they hear themselves."""
