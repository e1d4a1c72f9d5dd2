"""Where a spec has a block, so that what stands there in braces is no set: `search: {seed: }`."""

from __future__ import annotations

from typing import cast

from ..readers import Block, MapOf, keys_of
from ..source import Path


def is_block(path: Path) -> bool:
    """Whether the language knows keys, or names of the writer's own, at a path.

    Args:
        path: from the document, or from its `spec`, as in the body of a template.
    """
    # Late, since blocks ask the layers which mappings are sets.
    from ..blocks.placed import Placed
    from ..blocks.search_space import SearchSpaceReader
    from ..blocks.study import Study, StudySpec

    root = Study if path and path[0] in keys_of(Study) else StudySpec
    reader: object = Block(root)
    for step in path:
        match reader:
            case Block():
                known = keys_of(cast("Block[object]", reader).type).get(str(step))
                reader = known.reader if known is not None else None
            case MapOf():
                reader = cast("MapOf[object]", reader).value
            case _:
                return False
        if isinstance(reader, Placed):
            reader = cast("Placed[object]", reader).reader
    return isinstance(reader, Block | MapOf | SearchSpaceReader)
