"""Studies: many solves of one instance, and what they say together."""
