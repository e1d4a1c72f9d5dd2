"""ONNX Runtime on the CPU."""

import os

# Its import alone leaves an id of the machine in $HOME and calls its makers; a caller may say 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
