"""The training loop of the networks here: AdamW, a cosine to zero, and nothing to tune but four."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from omniforce.runtime.trial.execute import NotANumber

from .estimator import report, should_stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long and how fast it learns.

    Attributes:
        learning_rate: of the first step; it falls to zero along a cosine.
        weight_decay: decoupled from the gradient (Loshchilov and Hutter, 2019).
    """

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float


def fit(
    network: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    schedule: Schedule,
    seed: int,
    figures: Callable[[], Mapping[str, float]] = dict,
) -> None:
    """Trains `network` in place and leaves it in evaluation mode; reports after each epoch.

    What is reported is the loss on the training rows and what `figures` says of the network as it
    is; with the objective among them, a trial that does worse than others can be told to end. It
    then ends with what it has learned.

    `x` is n x d..., and `y`, n..., is what `loss(network(x), y)` compares with. `seed` is of the
    order of the rows and of what the layers draw, such as dropout; torch's own generator is left
    as it was.

    Raises:
        NotANumber: the loss left the numbers, which ends the trial at once.
    """
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay
    )
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        for epoch in range(schedule.epochs):
            network.train()  # `figures` looks at it in evaluation mode
            for group in optimizer.param_groups:
                group["lr"] = _rate(schedule, epoch)
            total = _epoch(network, loss, x, y, schedule.batch_size, optimizer, order)
            if not math.isfinite(total):
                raise NotANumber(f"the training loss is {total} in epoch {epoch}")
            found = {name: value for name, value in figures().items() if math.isfinite(value)}
            report(epoch, {"loss": total, **found})
            if should_stop():
                break
    network.eval()


def _rate(schedule: Schedule, epoch: int) -> float:
    return 0.5 * schedule.learning_rate * (1 + math.cos(math.pi * epoch / schedule.epochs))


def _epoch(
    network: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    batch_size: int,
    optimizer: torch.optim.Optimizer,
    order: torch.Generator,
) -> float:
    """One pass over the rows; answers the mean loss of its batches."""
    batches = torch.split(torch.randperm(len(x), generator=order), batch_size)
    # BatchNorm cannot normalise a single row, and one row less in an epoch changes nothing.
    batches = tuple(rows for rows in batches if len(rows) > 1 or len(batches) == 1)
    total = torch.zeros(())
    for rows in batches:
        optimizer.zero_grad(set_to_none=True)
        value = loss(network(x[rows]), y[rows])
        torch.autograd.backward(value)
        optimizer.step()
        total += value.detach()
    return float(total) / len(batches)
