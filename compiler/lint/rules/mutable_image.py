"""An image without a tag, or `latest`: another one each time it is pulled."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject
from .images import is_pinned, tag_of, written_images


def mutable_image(subject: Subject) -> Iterator[Advice]:
    """Asks for a version of each image."""
    for image, place in written_images(subject):
        tag = tag_of(image)
        if is_pinned(image) or tag not in (None, "latest"):
            continue
        yield Advice(
            f"the image `{image}` has no tag, which means `latest`"
            if tag is None
            else f"the image `{image}` is whatever `latest` is when a trial starts",
            place,
            "may be another one tomorrow",
            "name a version and its digest: `image:1.0.0@sha256:...`",
        )
