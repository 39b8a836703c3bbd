"""What is decided, its tables, costs and indicators, and its independent check."""
