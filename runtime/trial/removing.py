"""Removes the folders of trials, cheaply where nothing is in them, which is the rule."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def remove(directory: Path) -> None:
    """Removes a folder with all in it, if there is one; what cannot be removed is left."""
    try:
        os.rmdir(directory)
    except FileNotFoundError:
        return
    except OSError:
        shutil.rmtree(directory, ignore_errors=True)
