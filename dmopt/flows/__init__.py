"""The flow layer: who is served from where, in arrays."""
