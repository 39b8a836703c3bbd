"""Screening: which uncertain figures change the recommended sites most."""
