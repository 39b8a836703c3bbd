"""Proofs of lower bounds, and their check. Shares nothing with what found them.

The check needs the model's two layers (`Decisions`, `FlowLayer`) and plain arithmetic:
no solver, no grouping, none of `dmopt.solving`. `duals.py` has the mathematics.
"""
