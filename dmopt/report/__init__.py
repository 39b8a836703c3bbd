"""The council pack: a plan as one HTML file that opens from disk, and prints."""

from dmopt.report.beside import is_study, read_comparison
from dmopt.report.option import Option, as_option, read_option
from dmopt.report.pricing import read_prices
from dmopt.report.write import write_report

__all__ = [
    "Option",
    "as_option",
    "is_study",
    "read_comparison",
    "read_option",
    "read_prices",
    "write_report",
]
