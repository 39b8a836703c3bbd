"""Location problems by multipliers of demands: bound, plans and proof in arrays."""
