"""What a decision can change, one file each. A change is JSON: its `kind`, and that kind's values."""
