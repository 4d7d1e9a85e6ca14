"""Documents on paper: values and drawings in, a PDF out."""
