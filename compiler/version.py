"""The version, written here since asking the installed package for it takes ten milliseconds."""

VERSION = "0.1.0"
