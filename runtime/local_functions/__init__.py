"""The functions of a study on this machine: a broker, processes that sleep, Jobs and the tick."""
