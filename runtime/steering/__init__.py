"""What people do to a study while it lives: here, on a cluster, from files or over HTTP."""
