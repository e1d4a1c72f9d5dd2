"""Estimators that do what users' code may do; the tests put this folder on PYTHONPATH."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from omniforce.runtime.trial.client import report


class Estimator:
    """Learns nothing; `kind` says how it behaves."""

    def __init__(self, data_path, is_trainer, seed, *, kind="good", x=0.5, **arguments):
        self.kind, self.x, self.seed, self.is_trainer = kind, x, seed, is_trainer
        self.arguments = arguments

    def run(self):
        return getattr(self, self.kind)()

    def metrics(self):
        return {"accuracy": 1 - (self.x - 0.3) ** 2, "cost": self.x}

    def good(self):
        print("learning with", self.x)
        report(0, {"loss": 0.5})
        report(1, {"loss": 0.25})
        return self.x

    def slow(self):
        time.sleep(self.arguments.get("seconds", 0.4))
        return self.x

    def raises(self):
        raise RuntimeError("the loss\nexploded")

    def strange(self):
        class Strange(Exception):
            def __str__(self):
                raise KeyError("no message")

        raise Strange

    def exits(self):
        os._exit(7)

    def leaves(self):
        sys.exit("had enough")

    def crashes(self):
        os.kill(os.getpid(), signal.SIGSEGV)

    def hangs(self):
        marker = self.arguments.get("marker")
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        if marker:
            Path(marker).write_text(str(child.pid))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(60)

    def hoards(self):
        kept = []
        while True:
            kept.append(bytearray(8 * 2**20))

    def hoards_elsewhere(self):
        code = "import time; kept = bytearray(60 * 2**20); time.sleep(600)"
        children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
        for child in children:
            child.wait()
        return 1.0

    def is_nan(self):
        self.x = float("nan")
        return 0.5

    def is_binary(self):
        sys.stdout.buffer.write(b"\xff\x00\xfe binary\n")
        os.write(2, b"from C \x80\n")
        print("\ud800 lone surrogate")
        subprocess.run(["echo", "from a child"], check=True)
        return 0.5

    def closes_everything(self):
        os.closerange(0, 200)
        time.sleep(60)

    def misbehaves(self):
        sys.stdout.close()
        sys.stdout = None
        os.environ.clear()
        os.chdir("/")
        return 0.5

    def forgets(self):
        self.metrics = dict
        return 0.5

    def draws(self):
        import random

        self.x = random.random()
        return 0.5

    def fills_the_disk(self):
        raise OSError(28, "No space left on device")
