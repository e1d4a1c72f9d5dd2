"""Peers that begin with little: Optuna's HyperbandPruner and SMAC's MultiFidelityFacade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..problems.curves import PATIENCE, Configuration, Curves


def optuna_hyperband(problem: Curves, seed: int) -> float:
    """Optuna's TPE with its HyperbandPruner, told the figure at each amount of the table."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    low, high = problem.amounts[0], problem.amounts[-1]
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.HyperbandPruner(low, high, reduction_factor=3),
        study_name=f"fidelities-{seed}",  # the pruner draws its brackets by this name
    )
    spent = 0.0
    while spent < PATIENCE:
        trial = study.ask()
        point = {
            # An order that is given as numbers is one to Optuna too.
            name: values[trial.suggest_int(name, 0, len(values) - 1)]
            if ordered
            else values[values.index(trial.suggest_categorical(name, values))]
            for name, (values, ordered) in problem.choices.items()
        }
        found, before, state = 0.0, 0.0, optuna.trial.TrialState.COMPLETE
        for amount in problem.amounts:
            found = problem.figure(point, amount)
            spent += problem.cost(amount) - before
            before = problem.cost(amount)
            if problem.is_enough(found):
                return spent
            trial.report(found, amount)
            if trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
        study.tell(trial, None if state is optuna.trial.TrialState.PRUNED else found, state=state)
    return PATIENCE


def smac_hyperband(problem: Curves, seed: int) -> float:
    """SMAC's MultiFidelityFacade: Hyperband with a random forest."""
    import logging
    import tempfile

    from ConfigSpace import Categorical, ConfigurationSpace, OrdinalHyperparameter
    from smac import MultiFidelityFacade, Scenario
    from smac.intensifier.hyperband import Hyperband
    from smac.main.exceptions import ConfigurationSpaceExhaustedException
    from smac.runhistory.dataclasses import TrialValue

    logging.disable(logging.WARNING)
    space = ConfigurationSpace(seed=seed)
    for name, (values, ordered) in problem.choices.items():
        kind: Any = OrdinalHyperparameter if ordered else Categorical
        space.add(kind(name, list(values)))
    with tempfile.TemporaryDirectory() as directory:
        scenario = Scenario(
            space,
            deterministic=True,
            n_trials=100_000,
            min_budget=problem.amounts[0],
            max_budget=problem.amounts[-1],
            seed=seed,
            output_directory=Path(directory),
        )
        facade = MultiFidelityFacade(
            scenario,
            lambda config, seed, budget: 0.0,
            intensifier=Hyperband(scenario, eta=3, seed=seed),
            logging_level=False,
        )
        paid: dict[Any, float] = {}
        last: dict[Any, float] = {}
        spent = 0.0
        while spent < PATIENCE:
            try:
                asked = facade.ask()
            except (StopIteration, ConfigurationSpaceExhaustedException):
                # It ends where all have begun; what it has is then trained on, the best first.
                for config in sorted(last, key=last.__getitem__, reverse=True):
                    spent += 1.0 - paid[config]
                    if problem.is_enough(problem.figure(_point(config), problem.amounts[-1])):
                        return spent
                return PATIENCE
            amount = problem.nearest(float(asked.budget or problem.amounts[-1]))
            spent += max(0.0, problem.cost(amount) - paid.get(asked.config, 0.0))
            paid[asked.config] = problem.cost(amount)
            found = last[asked.config] = problem.figure(_point(asked.config), amount)
            if problem.is_enough(found):
                return spent
            facade.tell(asked, TrialValue(cost=-found, time=1.0))
    return PATIENCE


def _point(config: Any) -> Configuration:
    """SMAC's configuration as ours, without numpy's types."""
    return {
        name: value.item() if hasattr(value, "item") else value
        for name, value in dict(config).items()
    }
