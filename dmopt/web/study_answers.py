"""What is answered of studies: stress tests and frontiers, every body typed."""

from typing import Literal

from pydantic import BaseModel, Field

from dmopt.web.answers import STRICT, ProgressAnswer, State


class LossAnswer(BaseModel):
    """Something lost. of: ids: the site, or infrastructure and its location. Shares are
    of 0..1; harm: less than with nothing lost; proven: no plan serves more then."""

    label: str
    kind: Literal["site", "infrastructure"]
    of: list[str]
    served: float
    people: float
    harm: float
    worst_product: str
    worst_product_served: float | None
    districts: list[str]
    running_cost_more: float | None
    unmet_cost_more: float | None
    proven: bool


class StressAnswer(BaseModel):
    """base_: with nothing lost. enough: losses after which at least the share `least`
    is served."""

    state: State
    progress: ProgressAnswer | None = None
    error: str | None = None
    base_served: float | None = None
    base_people: float | None = None
    least: float = 0.0
    enough: int = 0
    planned: int = 0
    complete: bool = False
    sentences: list[str] = []
    cases: list[LossAnswer] = []


class FrontierWish(BaseModel):
    """A frontier to look for."""

    model_config = STRICT

    points: int = Field(6, ge=3, le=12)


class PointAnswer(BaseModel):
    """asked: most emissions. emissions: of its plan. plan: its number, for the map."""

    asked: float
    emissions: float | None
    cost: float | None
    bound: float | None
    gap: float | None
    status: Literal["proven", "unproven", "none", "not_found", "rejected"]
    dominated: bool
    plan: int | None


class FrontierAnswer(BaseModel):
    """planned: points in all; known: of them proven, with a plan or without."""

    state: State
    progress: ProgressAnswer | None = None
    error: str | None = None
    unit: str = ""
    of: str = ""
    gap_asked: float = 0.0
    planned: int = 0
    known: int = 0
    complete: bool = False
    points: list[PointAnswer] = []
    rejected: str = ""
