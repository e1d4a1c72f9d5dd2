"""What must hold between the blocks of a spec. One idea a file; to add one, add it to `RULES`."""

from __future__ import annotations

from typing import Final

from .algorithm_choice import algorithm_choice
from .bound_units import bound_units
from .canary_share import canary_share
from .consistent_goals import consistent_goals
from .elastic_nodes import elastic_nodes
from .finding import Finding, Place, Readable, Rule
from .known_data import known_data
from .known_devices import known_devices
from .live_parameters import live_parameters
from .metrics import metrics
from .model_choice import model_choice
from .placement import placement
from .queries_first import queries_first
from .read_wishes import read_wishes
from .run import locate, run
from .satisfiable import satisfiable
from .scale_bounds import scale_bounds
from .split_shares import split_shares
from .stopping import stopping
from .used_devices import used_devices

__all__ = ["RULES", "Finding", "Place", "Readable", "Rule", "locate", "run"]

RULES: Final[tuple[Rule, ...]] = (
    known_data,
    split_shares,
    queries_first,
    algorithm_choice,
    live_parameters,
    satisfiable,
    metrics,
    known_devices,
    consistent_goals,
    bound_units,
    used_devices,
    model_choice,
    elastic_nodes,
    placement,
    read_wishes,
    scale_bounds,
    stopping,
    canary_share,
)
"""Each looks at the whole document; their order is that of the blocks, findings are sorted."""
