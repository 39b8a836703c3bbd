"""The decision layer: one block of the model per file, in Pyomo, beside its maths."""
