"""How a study stands, for programs."""

from __future__ import annotations

from typing import cast

from omniforce.spec.plain.values import to_plain

from ..standing import BlockStands, Standing
from .plan_plain import plain_span


def standing_plain(standing: Standing) -> dict[str, object]:
    """Everything, as JSON has it."""
    plain = cast("dict[str, object]", to_plain(standing))
    return {**plain, "blocks": [_block(b) for b in standing.blocks], "word": standing.word}


def _block(block: BlockStands) -> dict[str, object]:
    plain = cast("dict[str, object]", to_plain(block))
    return {**plain, "span": plain_span(block.span), "word": block.word}
