"""Production models: ways to organise production, each a set of rules kept as data."""

from dmopt.models.model import (
    MODELS,
    PURE,
    ProductionModel,
    read_model,
    with_mix,
    with_model,
)

__all__ = ["MODELS", "PURE", "ProductionModel", "read_model", "with_mix", "with_model"]
