"""A pipeline of three steps, as kfp wants it: its annotations must be types and not texts."""

from kfp import dsl


@dsl.container_component
def step(word: str):
    """One container."""
    return dsl.ContainerSpec(image="example.org/step:1", command=["run"], args=[word])


@dsl.pipeline(name="three-steps")
def three_steps(word: str = "a"):
    """Three of them."""
    step(word=word)
    step(word=word)
    step(word=word)
