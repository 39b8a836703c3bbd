"""The decision layer: one block of the model per file, in Pyomo, beside its maths."""

import scipy.sparse  # before Pyomo, which otherwise meets SciPy later and unspared

from dmopt.spared import spared

with spared("scipy.stats", "scipy.integrate"):
    import pyomo.environ

__all__ = ["pyomo", "scipy"]
