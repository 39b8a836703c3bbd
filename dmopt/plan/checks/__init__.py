"""Checks of a finished plan, one file per block of the mathematics.

Each has `check(ledger) -> Iterator[Violation]`. They share no code with the
formulation, so that a mistake there shows here.
"""
