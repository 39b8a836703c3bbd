"""What is given: its tables, forms on disk, checks and changes."""
