"""What an output consists of, as a bill of materials in one of two forms.

It covers what the compiled study names: the spec and its templates, the algorithm, and every
container image in the manifests. What is *inside* the images, their Python packages and system
libraries, is not here: that is the affair of whoever builds them, and of their own bills.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from omniforce.spec.frozen import dataclass

from .contents import Contents
from .cyclonedx import cyclonedx
from .spdx import spdx


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write it.

    Attributes:
        file: its name in the folder of the attestations.
    """

    file: str
    write: Callable[[Contents], str]


FORMS: Final[Mapping[str, Form]] = {
    "spdx": Form("sbom.spdx.json", spdx),
    "cyclonedx": Form("sbom.cdx.json", cyclonedx),
}
