"""Green waves on many paths at once, from a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from signalopt.corridors.wave_paths import WavePath, bicycle_paths, bus_path, car_paths
from signalopt.errors import InputError
from signalopt.optimisers.green_wave.path_waves import PathWaves
from signalopt.optimisers.green_wave.paths import LEAST_BAND_S, PathWaveMaker
from signalopt.optimisers.moves import make_moves
from signalopt.optimisers.problem import make_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.model.scenario import Scenario

__all__ = ["PathWaves", "WavePath", "bicycle_paths", "bus_path", "car_paths", "path_waves"]


def path_waves(
    scenario: Scenario,
    paths: Sequence[WavePath],
    *,
    cycles_s: Iterable[int] | None = None,
    half: Sequence[str] = (),
    double: Sequence[str] = (),
    free_order: bool = True,
    least_band_s: float = LEAST_BAND_S,
    max_slowness_change_s_per_m: float = np.inf,
    time_limit_s: float = 60.0,
) -> PathWaves:
    """The widest bands on many paths with today's splits, as a plan.

    Parameters
    ----------
    scenario
        Roads and running plans.
    paths
        See `car_paths`, `bicycle_paths` and `bus_path`. Their roads may cross and close to loops.
    cycles_s
        Common cycles to try [s]; the longest of today's if None.
    half, double
        Signals that run half and double the common cycle.
    free_order
        Whether signals may change the order of their stages.
    least_band_s
        Least width of a path's band, if it gets one [s].
    max_slowness_change_s_per_m
        Largest change of 1 / speed from one way of a path to the next.
    time_limit_s
        Time for all cycles [s].

    Returns
    -------
    PathWaves
        The plan, and the band of each path with bound and gap.

    Raises
    ------
    InputError
        If paths or signals do not fit together, a signal may not change, or there are no bands.
    """
    maker = PathWaveMaker(
        moves=make_moves(scenario, make_problem(scenario)),
        paths=tuple(paths),
        half=half,
        double=double,
        free_order=free_order,
        least_band_s=least_band_s,
        max_slowness_change_s_per_m=max_slowness_change_s_per_m,
    )
    tried = [_today_s(scenario, maker)] if cycles_s is None else list(cycles_s)
    if not tried or min(tried) <= 0 or not time_limit_s > 0:
        raise InputError("name cycles above 0 s and a time above 0 s")
    return maker.widest(scenario.plan, tried, time_limit_s=time_limit_s)


def _today_s(scenario: Scenario, maker: PathWaveMaker) -> int:
    plans = scenario.plan.plans
    own = [plans[s].cycle_s for s in maker.signal_ids if s in plans and s not in maker.double]
    if not own:
        raise InputError("none of the signals on these paths has a fixed-time plan; name cycles")
    return max(own)
