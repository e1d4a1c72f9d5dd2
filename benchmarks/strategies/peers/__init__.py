"""Other people's searchers, each behind the same face; their libraries are imported late."""
