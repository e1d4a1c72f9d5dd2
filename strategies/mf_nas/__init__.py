"""Search as a flow: the parts of the strategy `mf-nas`."""
