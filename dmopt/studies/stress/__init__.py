"""After-the-fact stress test of a plan: what it still serves when things are lost."""
