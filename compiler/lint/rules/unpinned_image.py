"""An image by its tag alone, which whoever owns the registry can move."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject
from .images import is_pinned, tag_of, written_images


def unpinned_image(subject: Subject) -> Iterator[Advice]:
    """Asks for a digest behind the tag."""
    for image, place in written_images(subject):
        if is_pinned(image) or tag_of(image) in (None, "latest"):
            continue
        yield Advice(
            f"the image `{image}` is named by its tag, which can be moved",
            place,
            "no digest",
            f"write `{image}@sha256:...`, as the registry shows it after a push",
        )
