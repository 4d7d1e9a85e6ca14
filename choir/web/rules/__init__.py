"""What a workspace insists on before the matrix is asked: rules, their order, and what they would have caught."""
