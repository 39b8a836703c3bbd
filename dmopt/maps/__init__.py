"""Views of a plan: a printed map and a styled GeoPackage. They never solve."""

from dmopt.spared import spared

with spared("matplotlib.pyplot", "matplotlib.pylab"):
    import matplotlib

__all__ = ["matplotlib"]
