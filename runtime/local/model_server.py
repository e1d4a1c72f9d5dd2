"""The model server of a run: `runtime.models.serve`, ended with the run that started it."""

from __future__ import annotations

import sys

from ..models.serve import main
from .lifetime import die_with

if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
