from dmopt.maps.figures import key_figures
from dmopt.plan.plan import make_plan
from tests.maps.city import city, plan_of


def test_key_figures_are_those_of_the_indicators():
    shown = key_figures(plan_of(city()), "2030")
    assert "0 jobs in the region" in shown
    assert "90 % of value from the region" in shown  # every tenth zone: far plant
    assert "0 % of demand not met" in shown


def test_figures_without_a_value_are_left_out():
    shown = key_figures(make_plan(city(), {}), None)
    assert not [words for words in shown if "value from the region" in words]
    assert not [words for words in shown if "nan" in words]
