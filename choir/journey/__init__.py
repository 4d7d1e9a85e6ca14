"""Customers' whole way: the stage each one is in, how they moved, what shows it, and where they leave."""
