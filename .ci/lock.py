"""Prints pip's resolution report as a constraints file: `name==version`, sorted, local tags off."""

import json
import sys

HEADER = """\
# Every version that `make` installs, one set that resolves on Python 3.11; pip's constraints.
# Renew with `make lock`, which resolves pyproject.toml anew, and read the diff."""


def main(report: str) -> None:
    """Reads the report's path from the command line and prints the lock."""
    with open(report, encoding="utf-8") as file:
        rows = [each["metadata"] for each in json.load(file)["install"]]
    pins = {r["name"].lower().replace("_", "-"): r["version"].split("+")[0] for r in rows}
    pins.pop("omniforce", None)
    print(HEADER, *(f"{name}=={pins[name]}" for name in sorted(pins)), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
