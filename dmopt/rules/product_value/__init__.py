"""Rules of dimension D4, product and value structure."""

from dmopt.rules.product_value.eligible_range import EligibleRange
from dmopt.rules.product_value.few_inputs import FewInputs
from dmopt.rules.product_value.local_value_added import LocalValueAdded
from dmopt.rules.product_value.personalised_share import PersonalisedShare
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (
    PersonalisedShare,
    EligibleRange,
    FewInputs,
    LocalValueAdded,
)
