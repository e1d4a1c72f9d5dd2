"""What parts of Bayesian optimisation find when a suggestion asks them, and not a test.

BoTorch comes in before the tests do: what it imports warns of torch.jit.script, once.
"""

import warnings
from collections.abc import Iterator

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import botorch as botorch

import torch


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums of several threads round otherwise, and what is remembered would keep that."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
