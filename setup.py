"""Maps the folders at the root onto the namespace package `omniforce`; the rest is in pyproject."""

from setuptools import find_packages, setup

FOLDERS = ("spec", "compiler", "targets", "strategies", "runtime", "stdlib_algorithms")

setup(
    package_dir={f"omniforce.{folder}": folder for folder in FOLDERS},
    packages=[
        f"omniforce.{name}"
        for folder in FOLDERS
        for name in (folder, *(f"{folder}.{sub}" for sub in find_packages(folder)))
    ],
    package_data={
        "": [
            "*.lark",
            "checks/*.lua",
            "*.yaml",
            "*.md",
            "*.html",
            "*.css",
            "*.js",
            "*.json",
            "pages/*.md",
            "py.typed",
        ]
    },
)
