"""What requests may ask and what is answered: every body of the API, typed."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dmopt.studies.whatif import Wish

STRICT = ConfigDict(extra="forbid")

State = Literal["waiting", "running", "done", "cancelled", "failed"]
Plain = StringConstraints(
    strip_whitespace=True,
    min_length=1,
    max_length=120,
    pattern=r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]+$",
)
Name = Annotated[str, Plain]
"""A name that people give: short, on one line."""
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]


class Fault(BaseModel):
    """One thing that is wrong in what was given."""

    model_config = STRICT

    place: str
    row: int | None = None
    column: str = ""
    read: str = ""
    expected: str = ""
    hint: str = ""


class Problem(BaseModel):
    """Answer to a request that cannot be met."""

    model_config = STRICT

    error: str
    faults: list[Fault] = []


class Done(BaseModel):
    """Answer where there is nothing else to say."""

    model_config = STRICT

    ok: Literal[True] = True


class SessionAnswer(BaseModel):
    model_config = STRICT

    user: str
    csrf: str
    signed_in: bool
    needs_password: bool
    version: str


class SignIn(BaseModel):
    model_config = STRICT

    user: str = Field("", max_length=64)
    password: str = Field(min_length=1, max_length=1024)


class InstanceAnswer(BaseModel):
    model_config = STRICT

    id: str
    name: str
    description: str
    zones: int
    sites: int
    products: list[Any]
    currency: str
    credit: str
    own: bool = False


class Period(BaseModel):
    id: str
    name: str


class Product(BaseModel):
    id: str
    name: str
    unit: str
    demand_per_yr: float


class ModelAnswer(BaseModel):
    name: str
    label: str
    sentence: str
    status: str


class Dimension(BaseModel):
    key: str
    label: str
    lens: str
    status: str


class Budgets(BaseModel):
    """Period -> most money in it; None: no limit."""

    capital: dict[str, float | None] = {}
    public: dict[str, float | None] = {}


class KnobAnswer(BaseModel):
    key: str
    label: str
    unit: str
    now: float
    low: float
    high: float
    step: float


class InstanceDetail(InstanceAnswer):
    licence: str
    money_words: str
    periods: list[Period]
    products: list[Product]
    models: list[ModelAnswer]
    dimensions: list[Dimension]
    budgets: Budgets = Budgets()
    knobs: list[KnobAnswer]


class Parameter(BaseModel):
    name: str
    meaning: str
    about: str = ""
    unit: str
    value: bool | int | float | str | None
    low: float | None
    high: float | None
    choices: list[str] | None
    kind: Literal["number", "integer", "flag", "choice", "text"]


class RuleAnswer(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    id: str
    kind: str
    dimension: str
    label: str
    sentence: str
    on: bool
    hard: bool
    soft_price: float | None
    status: str
    source: str
    owner: str
    note: str
    parameters: list[Parameter]
    from_: Literal["instance", "model"] = Field(alias="from")


class ScenarioWish(BaseModel):
    """A scenario to plan."""

    model_config = STRICT

    instance: Id
    name: Name
    wish: Wish = Wish()
    gap: float = Field(0.01, ge=0, le=0.5, allow_inf_nan=False)
    time_limit_s: float = Field(60.0, ge=1, le=86_400, allow_inf_nan=False)
    start_from: Id | None = None


class Rename(BaseModel):
    model_config = STRICT

    name: Name


class ScenarioAnswer(BaseModel):
    id: str
    instance: str
    name: str
    created: str
    state: State
    status: Literal["optimal", "feasible", "infeasible", "no_plan_found"] | None
    cost: float | None
    bound: float | None
    gap: float | None
    verified: bool
    wish: Wish
    parent: str | None
    asked_gap: float
    time_limit_s: float
    asked: dict[str, State] = {}
    """Kind of question about it that was asked -> how far that is."""


class ProgressAnswer(BaseModel):
    seconds: float = 0.0
    step: str = ""
    cost: float | None = None
    bound: float | None = None
    gap: float | None = None


class Cost(BaseModel):
    kind: str
    label: str
    value: float


class Indicator(BaseModel):
    name: str
    label: str
    value: float | None
    unit: str
    digits: int
    better: str


class ScenarioDetail(ScenarioAnswer):
    """plan: number of the plan that is shown while a better one is looked for; 0: what
    is kept."""

    plan: int = 0
    progress: ProgressAnswer | None
    badge: str
    costs: list[Cost]
    indicators: list[Indicator]
    sites_open: list[str]
    messages: list[str]
    proof: str = ""
    files: list[str]
    error: str | None
    faults: list[Fault]


class Started(BaseModel):
    state: State


class Member(BaseModel):
    label: str
    sentence: str


class Way(BaseModel):
    label: str
    cost: float | None
    bound: float | None
    gap: float | None
    status: str
    wish: Wish


class ExplanationAnswer(BaseModel):
    state: State
    progress: ProgressAnswer | None = None
    error: str | None = None
    infeasible: bool | None = None
    sentences: list[str] = []
    conflict: list[Member] = []
    ways: list[Way] = []


class ChangeOf(BaseModel):
    label: str
    unit: str
    value: float | None


class PriceAnswer(BaseModel):
    kind: Literal["all", "dimension", "rule"]
    name: str
    says: str
    rules: list[str]
    low: float | None
    high: float | None
    known: bool
    change: dict[str, ChangeOf]


class PricesAnswer(BaseModel):
    state: State
    progress: ProgressAnswer | None = None
    error: str | None = None
    money_words: str = ""
    prices: list[PriceAnswer] = []
    missing: list[str] = []
    """Rules that the time did not suffice for."""
