"""What a study tells those who watch over it: log lines, metrics, traces."""
