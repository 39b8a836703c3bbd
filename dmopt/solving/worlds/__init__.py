"""One plan for several worlds: decided once, with quantities of its own in each."""
