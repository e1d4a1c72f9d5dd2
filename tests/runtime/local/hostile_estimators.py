"""Estimators that do what users' code may do; the tests put this folder on PYTHONPATH."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from omniforce.runtime.trial.client import report, should_stop


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

    def listens(self):
        for step in range(10_000):
            report(step, {"accuracy": min(0.9, step / 10)})
            if should_stop():
                self.x = 0.3
                break
            time.sleep(0.02)
        return 0.9

    def raises_at_the_stop(self):
        for step in range(10_000):
            report(step, {"accuracy": 0.75})
            if should_stop():
                raise InterruptedError("told to")
            time.sleep(0.02)

    def does_not_listen(self):
        for step in range(10_000):
            report(step, {"accuracy": 0.5})
            time.sleep(0.02)

    def cleans_up(self):
        marker = Path(self.arguments["marker"])
        signal.signal(signal.SIGTERM, lambda *_: (marker.write_text("cleaned"), os._exit(0)))
        marker.write_text("ready")
        time.sleep(60)

    def says_a_million(self):
        for step in range(1_000_000):
            report(step, {"loss": float(step)})
        return 0.5

    def says_nan(self):
        report(0, {"loss": float("nan")})
        return 0.5

    def says_it_from_threads(self):
        import threading

        def speak(number):
            for step in range(50):
                report(step, {f"loss-{number}": float(step)})

        threads = [threading.Thread(target=speak, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 0.5

    def says_it_from_a_fork(self):
        child = os.fork()
        if not child:
            report(1, {"from": 2.0})
            os._exit(0)
        os.waitpid(child, 0)
        return 0.5

    def has_a_huge_name(self):
        self.metrics = lambda: {"accuracy": 0.5, "x" * 300: 1.0}
        return 0.5

    def has_an_odd_name(self):
        self.metrics = lambda: {"accuracy": 0.5, "a\nb": 1.0}
        return 0.5

    def has_too_many(self):
        self.metrics = lambda: {f"m{i}": 1.0 for i in range(5000)}
        return 0.5

    def tells_secrets(self):
        print("\x1b[31mthe token is", os.environ["MY_API_TOKEN"], "\x1b[0m\x00 10%\r20%\r100%")
        os.write(1, b"\xff\xfe postgresql://me:hunter22@db/x\n")
        raise RuntimeError(os.environ["MY_API_TOKEN"])

    def wants_a_device(self):
        import torch

        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    def holds_the_lock(self):
        import ctypes

        library = ctypes.PyDLL(None)  # unlike CDLL, it keeps Python's lock while C runs
        library.sleep(int(self.arguments.get("seconds", 3)))
        return 0.5
