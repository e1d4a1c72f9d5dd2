"""Three versions of a spec made into one, by what they say and not by their lines."""

from .merge import Merged, merge

__all__ = ["Merged", "merge"]
