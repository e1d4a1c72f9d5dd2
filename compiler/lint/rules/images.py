"""The images that a spec names itself, with their places."""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.source import Span

from ..advice import Subject

_IMAGES = ("spec", "platform", "kubernetes", "images")


def written_images(subject: Subject) -> Iterator[tuple[str, Span | None]]:
    """Each image that stands in the file; those of a default are the release's own affair."""
    algorithm = subject.spec.algorithm
    if algorithm.image is not None:
        yield algorithm.image, subject.at("spec", "algorithm", "image")
    images = subject.spec.platform.kubernetes.images
    for name, image in (("functions", images.functions), ("trial", images.trial)):
        if subject.written(*_IMAGES, name):
            yield image, subject.at(*_IMAGES, name)


def tag_of(image: str) -> str | None:
    """Its tag; None where it has none."""
    last = image.partition("@")[0].rpartition("/")[2]
    return last.partition(":")[2] or None


def is_pinned(image: str) -> bool:
    """Whether it is named by its content."""
    return "@sha256:" in image
