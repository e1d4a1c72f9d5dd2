"""The problems: tables from ../shared/data, functions with a known optimum, models of sklearn."""
