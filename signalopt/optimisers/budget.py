"""How many runs of the simulation an optimisation spends, and with which seeds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from signalopt.optimisers.proof import LOOKS
from signalopt.optimisers.stop import MaxEvaluations

if TYPE_CHECKING:
    from signalopt.model.scenario import Scenario
    from signalopt.optimisers.stop import StopCriterion

VEHICLE_BUDGET = 400_000
"""Vehicles simulated in a search by default: the larger the scenario, the fewer plans."""
SEARCH_RUNS = 2
PLENTY = 60
"""Where the budget allows to simulate fewer plans than this, runs are dear."""
HEATS, HEATS_IF_DEAR = (2, 3, 5), (2, 2)
"""Runs of each heat of the choice."""
LOOKS_OF_CITIES = (3, 6, 12)
"""Runs after which the proof may end, where the budget does not allow for the fewest plans."""
FRONT_RUNS, FRONT_RUNS_IF_DEAR = 10, 5
"""Runs of each plan of a front."""
FEWEST_EVALUATIONS, MOST_EVALUATIONS = 24, 240
FEWEST_STARTS, MOST_STARTS = 4, 12
FEWEST_FINALISTS, MOST_FINALISTS = 2, 8


def search_seeds(seed: int) -> range:
    """Seeds of the runs that guide a search; disjoint from all seeds of choice and proof."""
    first = 1_000_000 + 10_000 * seed
    return range(first, first + SEARCH_RUNS)


def choice_seeds(scenario: Scenario, seed: int) -> list[range]:
    """Seeds of each heat of the choice among the best plans of a search."""
    ends = np.cumsum([0, *(HEATS_IF_DEAR if runs_are_dear(scenario) else HEATS)])
    first = 1_000_000 + 10_000 * seed + 1_000
    return [range(first + int(a), first + int(b)) for a, b in pairwise(ends)]


def proof_seed(seed: int) -> int:
    """The first seed of the proof."""
    return 1_000_000 + 10_000 * seed + 2_000


def proof_looks(scenario: Scenario) -> tuple[int, ...]:
    """Runs after which the proof may end."""
    return LOOKS_OF_CITIES if affordable_plans(scenario) < FEWEST_EVALUATIONS else LOOKS


def front_seeds(scenario: Scenario, seed: int) -> range:
    """Seeds of the runs that prove the plans of a front."""
    first = 1_000_000 + 10_000 * seed + 3_000
    return range(first, first + (FRONT_RUNS_IF_DEAR if runs_are_dear(scenario) else FRONT_RUNS))


def affordable_plans(scenario: Scenario) -> float:
    """How many plans the budget allows to simulate in a search.

    It counts vehicles, not seconds, so that the same seed gives the same plan on any machine.
    """
    due = max(scenario.vehicles_due, 1)
    return VEHICLE_BUDGET / (due * SEARCH_RUNS)


def runs_are_dear(scenario: Scenario) -> bool:
    """Whether runs of the simulation have to be saved."""
    return affordable_plans(scenario) < PLENTY


def default_stop(scenario: Scenario) -> StopCriterion:
    """As many plans as the budget allows."""
    plans = round(affordable_plans(scenario))
    return MaxEvaluations(int(np.clip(plans, FEWEST_EVALUATIONS, MOST_EVALUATIONS)))


def most_starts(scenario: Scenario) -> int:
    """How many plans to start from in the simulation."""
    return int(np.clip(affordable_plans(scenario) / 2, FEWEST_STARTS, MOST_STARTS))


def most_finalists(scenario: Scenario) -> int:
    """How many plans a search hands to the choice."""
    return int(np.clip(affordable_plans(scenario) / 4, FEWEST_FINALISTS, MOST_FINALISTS))
