"""Rules of dimension D2, process flow and production technology."""

from dmopt.rules.process_flow.flexibility_floor import FlexibilityFloor
from dmopt.rules.process_flow.response_time import ResponseTime
from dmopt.rules.process_flow.standard_cell import StandardCell
from dmopt.rules.process_flow.stock_cap import StockCap
from dmopt.rules.rule import Kind

KINDS: tuple[type[Kind], ...] = (ResponseTime, StockCap, FlexibilityFloor, StandardCell)
