"""Asking an API server over HTTP: who asks, what is tried again, what an answer means."""
