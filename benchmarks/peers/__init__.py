"""Other tools on the same textbook problems, each in a process of its own."""
