"""Plans for several worlds: what is decided once, whatever comes."""
