"""`ofc check` and `ofc compile`, whole processes, against importing kfp's compiler and cdk8s."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from measure import compare, machine, table

SPEC = Path(__file__).parent.parent / "examples" / "digits-edge" / "omniforce.yaml"
CDK8S = """
from cdk8s import App, Chart, ApiObject, ApiObjectMetadata
import sys
app = App(outdir=sys.argv[1])
chart = Chart(app, "one")
ApiObject(chart, "map", api_version="v1", kind="ConfigMap", metadata=ApiObjectMetadata(name="x"))
app.synth()
"""


def main() -> None:
    """Prints the table."""
    ofc = str(Path(sys.executable).parent / "ofc")
    with tempfile.TemporaryDirectory() as scratch:
        out = f"{scratch}/dist"
        commands = [
            ("import kfp.compiler", [sys.executable, "-c", "import kfp.compiler"]),
            ("ofc check", [ofc, "check", str(SPEC)]),
            ("ofc compile", [ofc, "compile", "-f", str(SPEC), "-o", out]),
        ]
        cdk8s = importlib.util.find_spec("cdk8s") and shutil.which("node")
        if cdk8s:
            commands.append(
                ("cdk8s synth, 1 object", [sys.executable, "-c", CDK8S, f"{scratch}/cdk8s"])
            )
        else:
            print("cdk8s: skipped, needs `pip install cdk8s` and node on PATH", file=sys.stderr)
        costs = compare(commands)
    base = costs["import kfp.compiler"].cpu
    print(f"{machine()}; medians of 9 runs in turn, after one uncounted\n")
    print(
        table(
            ("command", "CPU s", "wall s", "MB at most", "CPU / import kfp.compiler"),
            [
                (name, f"{c.cpu:.3f}", f"{c.wall:.3f}", f"{c.memory:.0f}", f"{c.cpu / base:.2f}")
                for name, c in costs.items()
            ],
        )
    )


if __name__ == "__main__":
    main()
