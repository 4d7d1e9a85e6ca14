"""What leaders see of a week."""
