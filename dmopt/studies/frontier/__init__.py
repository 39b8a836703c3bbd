"""Trade-offs: what less of one thing costs in another."""
