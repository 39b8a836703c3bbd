"""Solve paths: exact, coarse to fine, reference. All end in a verified `Result`."""
