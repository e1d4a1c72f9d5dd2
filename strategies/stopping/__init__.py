"""When a trial ends early: rules over the figures that trials report while they train.

from omniforce.strategies.stopping.table import rule_of

rule_of(Stopping("median")).verdict(mine, since, others, "maximize")
"""

__all__: list[str] = []
