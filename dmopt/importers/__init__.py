"""Published location problems, read from their own formats into instances."""
