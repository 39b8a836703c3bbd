"""The command line: parse, call the library, show what it gave back."""

from dmopt.cli.app import main

__all__ = ["main"]
