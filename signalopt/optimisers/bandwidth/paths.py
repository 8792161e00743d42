"""Bands on many paths at once: turning paths, buses with stops, bicycles, roads that cross.

Offsets are variables, so roads may cross and close to loops without further constraints. The idea
of bands for many origins and destinations is that of Arsava, T., Xie, Y. and Gartner, N. H. (2016),
Arterial progression optimization using OD-BAND: case study and extensions, Transportation Research
Record 2558, 1-10; the formulation is our own, see `bandwidth.path_form`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.optimisers.bandwidth.path_form import make_path_form, path_lines
from signalopt.optimisers.bandwidth.path_result import PathBands
from signalopt.optimisers.bandwidth.solve import at_least, maximise
from signalopt.theory.bandwidth import wrapped

if TYPE_CHECKING:
    from signalopt.optimisers.bandwidth.network import BandNetwork
    from signalopt.optimisers.bandwidth.second import Second


def path_bands(
    network: BandNetwork,
    *,
    strict_clearance: bool = False,
    known: float | None = None,
    second: Second | None = None,
    tolerance: float = 1e-4,
    time_limit_s: float = 60.0,
    gap: float = 1e-4,
) -> PathBands:
    """Return bands on the paths of a network, as wide as their weights ask.

    Maximises the mean of the paths' widths by their weights. Widths are at least 0, so a path that
    would cost the others too much gets none, unless it is required.

    Parameters
    ----------
    network
        Signals, links and paths.
    strict_clearance
        Whether whole bands must also arrive on green, behind the queues that leave before them.
    known
        An objective that is known to be within reach, from a plan found before: spares the solver
        all that is worse.
    second
        Second objective among plans whose first one is within `tolerance` of the best, such as
        `MostSlack()` or `LeastChange(offset_s=...)`.
    tolerance
        What the first objective may lose to the second.
    time_limit_s
        Time for both [s].
    gap
        Relative gap within which a plan counts as best.

    Returns
    -------
    PathBands

    Raises
    ------
    InputError
        If an option is out of range.
    """
    start_s = time.monotonic()
    if not time_limit_s > 0:
        raise InputError(f"time_limit_s must be above 0, got {time_limit_s:g}.")
    form = make_path_form(network, strict_clearance=strict_clearance)
    objective = form.objective
    if known is not None:
        at_least(form.program, objective, known)
    best = maximise(form.program, objective, time_limit_s=time_limit_s, gap=gap, check=True)
    values = best.values
    refined = None
    if second is not None and best.status.has_solution:
        at_least(form.program, objective, best.objective - tolerance)
        terms = second(form.program, path_lines(form))
        left_s = start_s + time_limit_s - time.monotonic()
        refined = maximise(
            form.program, form.program.objective(terms), time_limit_s=max(left_s, 1.0), gap=gap
        )
        if refined.status.has_solution:
            values = refined.values
    values = values[: len(objective)]
    rate = float(values[form.rate])
    cycle_s = form.layout.reference_cycle_s / rate
    travel_s = (form.layout.fast * rate + values[form.extra]) * cycle_s
    solved = best.status.has_solution
    period = np.array([signal.period for signal in network.signals])
    return PathBands(
        status=best.status,
        objective=float(objective @ values),
        bound=best.bound,
        cycle_s=cycle_s,
        offset_ratio=wrapped(values[form.offset], period),
        pattern=np.array(
            [values[columns].argmax() if solved else -1 for columns in form.patterns], np.intp
        ),
        kept=values[form.kept] > 0.5,
        bandwidth_ratio=values[form.band],
        front_ratio=tuple(values[columns] for columns in form.front),
        travel_time_s=travel_s,
        speed_mps=network.distance_m / travel_s,
        second_status=None if refined is None else refined.status,
        second_objective=np.nan if refined is None else refined.objective,
        runtime_s=time.monotonic() - start_s,
        message=best.message,
    )
