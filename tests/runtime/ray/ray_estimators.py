"""Estimators that do on Ray what users' code may do; what finds them is the pool's `path`."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

from omniforce.runtime.trial.client import report


class Estimator:
    """Learns nothing; `kind` says how it behaves."""

    def __init__(self, data_path, is_trainer, seed, *, kind="good", **arguments):
        self.data, self.kind, self.arguments, self.found = data_path, kind, arguments, 0.5

    def run(self):
        getattr(self, self.kind)()
        return self.found

    def metrics(self):
        return {"accuracy": self.found}

    def save(self, directory):
        (directory / "weights.txt").write_text("1 2 3\n")

    def good(self):
        print("learning")
        report(0, {"loss": 0.5})

    def reads(self):
        print("rows:", (Path(self.data) / "rows.txt").read_text().strip(), __file__)

    def exits(self):
        os._exit(7)

    def hoards(self):
        kept = []
        while True:
            kept.append(bytearray(8 * 2**20))

    def kills_its_actor(self):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)

    def hangs(self):
        Path(self.arguments["marker"]).write_text(str(os.getpid()))
        time.sleep(600)

    def meets(self):
        """Rank 0 counts the others that come to where all are told to meet."""
        place = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
        count = int(os.environ["WORLD_SIZE"])
        if os.environ["RANK"] == "0":
            with socket.create_server(place) as server:
                for _ in range(count - 1):
                    server.accept()[0].close()
            self.found = count / 10
            return
        print("rank", os.environ["RANK"])
        for _ in range(200):
            try:
                socket.create_connection(place, timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("nobody is there")

    def fails_elsewhere(self):
        if os.environ["RANK"] == "1":
            raise RuntimeError("not me")
        time.sleep(600)
