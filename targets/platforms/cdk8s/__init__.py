"""A study as a construct of somebody's own cdk8s app; needs the extra `cdk8s`, and node."""

from .study import RefusedSpec, Study

__all__ = ["RefusedSpec", "Study"]
