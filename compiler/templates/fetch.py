"""Fetches a template by whatever way its reference says."""

from __future__ import annotations

from omniforce.spec.templates.reference import Git, Hub, Oci, Remote

from .fetched import Fetched


def fetch(reference: Remote) -> Fetched:
    """The files of a template, over the network.

    Raises:
        Problem: it cannot be had, or is none.
    """
    match reference:
        case Git():
            from .git import fetch_git

            return fetch_git(reference)
        case Oci():
            from .oci import fetch_oci

            return fetch_oci(reference)
        case Hub():
            from .hub import fetch_hub, hub_of_environment

            return fetch_hub(reference, hub_of_environment())
