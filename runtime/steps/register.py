"""Puts the model where the server reads it, and gives it its version: a digest of its bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from omniforce.targets.platforms.kubernetes.pods import VOLUME_DIRECTORY
from omniforce.targets.platforms.kubernetes.serving import model_directory

from ..models.description import FILE, MODEL
from .task import Task


def run(task: Task) -> None:
    """Leaves a Triton repository on the volume, whole or not at all; writes `--version`."""
    artifact = task.path("artifact")
    version = hashlib.sha256((artifact / MODEL).read_bytes()).hexdigest()[:16]
    volume = Path(task.environment.get("OFC_VOLUME", VOLUME_DIRECTORY))
    repository = volume / model_directory(task.program)
    place = repository / task.program.name
    fresh = repository / f".{task.program.name}.{os.getpid()}"
    (fresh / "1").mkdir(parents=True)
    shutil.copyfile(artifact / MODEL, fresh / "1" / MODEL)
    shutil.copyfile(artifact / FILE, fresh / FILE)
    old = repository / f".{task.program.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.replace(old)
    fresh.replace(place)
    shutil.rmtree(old, ignore_errors=True)
    task.write("version", version)
