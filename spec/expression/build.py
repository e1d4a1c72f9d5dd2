"""Nodes of the tree from what the parser has matched, a method for each rule of grammar.lark."""

from __future__ import annotations

from .build_expressions import ExpressionRules
from .build_goals import GoalRules
from .build_parameters import ParameterRules


class Builder(ExpressionRules, ParameterRules, GoalRules):
    """The rules of all kinds of expression, since one parser reads them."""
