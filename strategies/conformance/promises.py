"""What every strategy promises: valid points, no repeats, nothing but the trials remembered."""

from __future__ import annotations

import math
from random import Random as Generator

from omniforce.spec.arguments import to_arguments
from omniforce.spec.space import validate

from ..points.sampling import Sampler
from ..protocol import EmptySpace, Outcome, Reward, SearchStrategy, SpaceExhausted
from .spaces import (
    CELLS,
    CONDITIONAL,
    GUESSED,
    IMPOSSIBLE,
    LISTS,
    ONE_POINT,
    SMALL,
    of_cells,
    sizes,
)
from .study import StudyOfAStrategy, completed, raises


class Promises(StudyOfAStrategy):
    """The tests of the protocol."""

    def test_has_a_name(self) -> None:
        """The name is a word that a spec can hold."""
        assert self.strategy().name.replace("-", "").isalnum()

    def test_is_a_search_strategy(self) -> None:
        """It has all that the protocol asks for."""
        assert isinstance(self.strategy(), SearchStrategy)

    def test_proposes_only_valid_points(self) -> None:
        """Active coordinates only, values of their domains, no constraint broken."""
        for reward in self.study(16):
            assert validate(CONDITIONAL, reward.point) == ()

    def test_proposes_only_valid_lists(self) -> None:
        """Permutations, subsets of their size, sums within their bound; whatever is expected."""
        rewards: tuple[Reward, ...] = ()
        while len(rewards) < 12:
            points = self.next_points(rewards, 2, LISTS)
            rewards += tuple(
                Reward(len(rewards) + at, point, Outcome.COMPLETED, sizes(point))
                for at, point in enumerate(points)
            )
        for reward in rewards:
            assert validate(LISTS, reward.point) == ()
            arguments = to_arguments(LISTS, reward.point)
            order, some = arguments["order"], arguments["some"]
            assert isinstance(order, list)
            assert isinstance(some, list)
            assert sorted(map(str, order)) == ["conv", "norm", "pool"]
            assert order.index("conv") < order.index("pool")
            assert len(some) == 2

    def test_proposes_only_valid_cells(self) -> None:
        """Operations of a declared network, which only one of two branches has."""
        rewards: tuple[Reward, ...] = ()
        while len(rewards) < 12:
            points = self.next_points(rewards, 2, CELLS)
            rewards += tuple(
                Reward(len(rewards) + at, point, Outcome.COMPLETED, of_cells(point))
                for at, point in enumerate(points)
            )
        assert [validate(CELLS, reward.point) for reward in rewards] == [()] * 12

    def test_proposes_no_point_twice(self) -> None:
        """Neither a known point again nor one twice in a batch."""
        sampler = Sampler.of(CONDITIONAL)
        keys = [sampler.key(reward.point) for reward in self.study(16)]
        assert len(set(keys)) == len(keys)

    def test_gives_as_many_points_as_asked_for(self) -> None:
        """Where enough are left."""
        assert [len(self.next_points((), count)) for count in (1, 2, 5)] == [1, 2, 5]

    def test_is_rebuilt_from_the_trials_alone(self) -> None:
        """A strategy that saw the study grow asks for the same as a new one."""
        grown = self.strategy().bind_space(self.problem())
        rewards: tuple[Reward, ...] = ()
        for _ in range(6):
            grown = grown.handle_rewards(rewards)
            points = grown.generate_tasks(2)
            assert points == self.next_points(rewards, 2)
            rewards += completed(points, len(rewards))

    def test_binding_leaves_the_receiver_alone(self) -> None:
        """A strategy is a value: one made before another was bound gives the same."""
        unbound = self.strategy()
        first = unbound.bind_space(self.problem(seed=1))
        unbound.bind_space(self.problem(seed=2))
        assert first.generate_tasks(2) == self.next_points((), 2)

    def test_follows_its_seed(self) -> None:
        """Another seed, another study."""
        assert self.study(8, seed=1) != self.study(8, seed=2)

    def test_leaves_the_global_generators_alone(self) -> None:
        """Nobody else's random numbers change because a strategy drew some."""
        import random

        random.seed(5)
        before = random.getstate()
        self.study(12)
        assert random.getstate() == before

    def test_begins_with_the_defaults_of_the_spec(self) -> None:
        """The writer's first guess is the first trial, mended where it breaks a constraint."""
        assert self.next_points((), 2, GUESSED)[0] == {"a": 7, "b": "y", "c": 0.25, "d": 3}

    def test_goes_on_with_trials_pending(self) -> None:
        """What is out is neither waited for nor proposed again."""
        rewards = self.study(12)
        out = tuple(
            Reward(12 + at, point, Outcome.PENDING, {})
            for at, point in enumerate(self.next_points(rewards, 4))
        )
        sampler = Sampler.of(CONDITIONAL)
        after = self.next_points(rewards + out, 4)
        keys = {sampler.key(each.point) for each in rewards + out}
        assert len(after) == 4
        assert not keys & {sampler.key(point) for point in after}

    def test_goes_on_where_all_trials_failed(self) -> None:
        """Failed, timed-out: valid new points all the same."""
        rewards = tuple(
            Reward(at, reward.point, (Outcome.FAILED, Outcome.TIMED_OUT)[at % 2], {})
            for at, reward in enumerate(self.study(14))
        )
        points = self.next_points(rewards, 2)
        assert [validate(CONDITIONAL, point) for point in points] == [(), ()]

    def test_goes_on_with_figures_that_are_no_numbers(self) -> None:
        """NaN, infinite and missing metrics of completed trials."""
        bad: tuple[dict[str, float], ...] = (
            {"accuracy": math.nan},
            {"accuracy": math.inf, "latency": 1.0, "size": 1.0},
            {},
        )
        rewards = tuple(
            Reward(at, reward.point, reward.outcome, bad[at % 3] if at % 2 else reward.metrics)
            for at, reward in enumerate(self.study(14))
        )
        points = self.next_points(rewards, 2)
        assert [validate(CONDITIONAL, point) for point in points] == [(), ()]

    def test_goes_through_a_small_space_and_says_so(self) -> None:
        """Every point once, then `SpaceExhausted`; never a repeat to fill the batch."""
        sampler = Sampler.of(SMALL)
        rewards: tuple[Reward, ...] = ()
        generator = Generator(0)  # noqa: S311
        try:
            while len(rewards) < 10:
                points = self.next_points(rewards, 4, SMALL)
                rewards += tuple(
                    Reward(
                        len(rewards) + at,
                        point,
                        Outcome.COMPLETED,
                        {"accuracy": generator.random(), "latency": 1.0, "size": 1.0},
                    )
                    for at, point in enumerate(points)
                )
        except SpaceExhausted:
            keys = {sampler.key(reward.point) for reward in rewards}
            assert (len(rewards), len(keys)) == (6, 6)
            return
        raise AssertionError(f"{len(rewards)} trials of 6 points, and no `SpaceExhausted`")

    def test_goes_through_a_space_of_one_point(self) -> None:
        """One trial, then the end."""
        (point,) = self.next_points((), 3, ONE_POINT)
        assert point == {"a": "only"}
        known = (Reward(0, point, Outcome.COMPLETED, {"accuracy": 1.0, "latency": 1, "size": 1}),)
        assert raises(SpaceExhausted, lambda: self.next_points(known, 1, ONE_POINT))

    def test_says_where_nothing_is_feasible(self) -> None:
        """`EmptySpace`, not a broken constraint."""
        assert raises(EmptySpace, lambda: self.next_points((), 1, IMPOSSIBLE))
