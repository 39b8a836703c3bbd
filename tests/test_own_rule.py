"""A kind of rule of a user's own, made known to the program."""

from collections.abc import Iterator
from typing import ClassVar

import pytest
from pydantic import BaseModel

import dmopt
from dmopt.rules.catalogue import RULES, dimension_of
from dmopt.rules.parameters import STRICT, Count
from tests.cli.program import two_bakeries


class FewModules(BaseModel):
    """No site has more than so many modules of a technology."""

    model_config = STRICT
    name: ClassVar[str] = "few_modules"
    most: Count

    def sentence(self) -> str:
        return f"A site has at most {self.most} modules of a technology."

    def refers(self) -> Iterator[tuple[str, str, str]]:
        yield from ()

    def constrain(self, b, instance, where):
        m = b.model()

        @b.Constraint([(s, k, t) for s, k, t in m.modules if t in where.periods])
        def few(b, s, k, t):
            return m.modules[s, k, t] <= self.most

    def check(self, instance, plan, where):
        for row in plan.tables["modules"].itertuples():
            if row.modules > self.most:
                place = (row.site, row.technology, row.period)
                yield dmopt.Violation("few", place, row.modules - self.most, "modules")


@pytest.fixture
def known():
    kind = dmopt.register_rule(FewModules)
    yield kind
    RULES.pop(kind.name, None)


def test_a_rule_of_ones_own_is_read_solved_and_checked(known):
    assert known is FewModules
    plain = two_bakeries()
    none = dmopt.edit_rules(plain, add=["none: few_modules most=0"])
    plan = dmopt.solve(plain).plan
    # the plan has one module somewhere, the rule allows none anywhere
    assert [each.row for each in dmopt.verify(none, plan)] == ["none"]
    assert dmopt.solve(none).status == "infeasible"
    one = dmopt.edit_rules(plain, add=["one: few_modules most=1"])
    assert dmopt.solve(one).cost == pytest.approx(86)
    assert dimension_of("few_modules") == "own"


def test_its_parameters_are_checked_like_any_others(known):
    wrong = dmopt.edit_rules(two_bakeries(), add=["few: few_modules mots=1"])
    with pytest.raises(dmopt.InstanceError, match="mots=1"):
        dmopt.make_rules(wrong)


def test_a_name_of_the_catalogue_cannot_be_taken():
    class Mine(FewModules):
        name: ClassVar[str] = "site_count"

    shipped = RULES["site_count"]
    with pytest.raises(ValueError, match="site_count is a rule of the catalogue"):
        dmopt.register_rule(Mine)
    assert RULES["site_count"] is shipped
