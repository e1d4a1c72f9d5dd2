"""A classifier that all nodes of a trial train together: PyTorch's DistributedDataParallel.

`torch.distributed` finds the other processes by itself: `RANK`, `WORLD_SIZE`, `MASTER_ADDR` are set
wherever the trial runs on several nodes. On one, it trains alone.
"""

from __future__ import annotations

import os
from math import prod

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from omniforce.runtime.data.dataset import Dataset

EPOCHS = 20
BATCH = 64


class Distributed:
    """A network of one hidden layer; every process learns from rows of its own."""

    def __init__(
        self, data_path: str, is_trainer: bool, seed: int, *, width: int, learning_rate: float
    ) -> None:
        del is_trainer
        self.data = Dataset.open(data_path)
        self.learning_rate = learning_rate
        torch.manual_seed(seed)  # all begin with the same weights
        inputs, classes = prod(self.data.sample_shape), len(self.data.classes)
        self.model = nn.Sequential(
            nn.Flatten(), nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, classes)
        )

    def run(self) -> float:
        """Trains, and gives the accuracy on rows that were held back."""
        together = int(os.environ.get("WORLD_SIZE", "1")) > 1
        gpu = torch.cuda.is_available()
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if gpu else "cpu"
        model: nn.Module = self.model.to(device)
        rank, size = 0, 1
        if together:
            torch.distributed.init_process_group("nccl" if gpu else "gloo")
            rank, size = torch.distributed.get_rank(), torch.distributed.get_world_size()
            model = nn.parallel.DistributedDataParallel(model)
        rows = len(self.data.train.x) // size * size  # as many steps for each
        x = torch.from_numpy(self.data.train.x[rank:rows:size]).float().to(device)
        y = torch.from_numpy(self.data.train.y[rank:rows:size]).long().to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=self.learning_rate)
        for _ in range(EPOCHS):
            for part in torch.arange(len(x), device=device).split(BATCH):
                optimizer.zero_grad()
                cross_entropy(model(x[part]), y[part]).backward()
                optimizer.step()
        if together:
            torch.distributed.destroy_process_group()
        return self.accuracy()

    def metrics(self) -> dict[str, float]:
        """What the objective names."""
        return {"accuracy": self.accuracy()}

    def accuracy(self) -> float:
        """The share of the rows held back that are read right."""
        model = self.model.to("cpu").eval()
        with torch.no_grad():
            answers = model(torch.from_numpy(self.data.valid.x).float()).argmax(dim=1).numpy()
        return float((answers == self.data.valid.y).mean())
