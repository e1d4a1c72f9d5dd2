"""BoTorch comes in before the tests do: what it imports warns of torch.jit.script, once."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import botorch as botorch
