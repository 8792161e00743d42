"""From an arterial and a form of programme to bands: search, second objective, result."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from signalopt.errors import InputError
from signalopt.optimisers.bandwidth.loop import whole_box
from signalopt.optimisers.bandwidth.result import ArterialBands, no_bands
from signalopt.optimisers.bandwidth.search import make_search
from signalopt.optimisers.bandwidth.status import Status
from signalopt.theory.bandwidth import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from signalopt.optimisers.bandwidth.arterial import Arterial
    from signalopt.optimisers.bandwidth.form import Form
    from signalopt.optimisers.bandwidth.loop import Road
    from signalopt.optimisers.bandwidth.program import FloatArray
    from signalopt.optimisers.bandwidth.reach import Reach
    from signalopt.optimisers.bandwidth.second import Second
    from signalopt.optimisers.bandwidth.status import Solution


def road_bands(
    arterial: Arterial,
    road: Road,
    form: Form,
    make_reach: Callable[[], Reach],
    *,
    second: Second | None,
    tolerance: float,
    time_limit_s: float,
    gap: float,
) -> ArterialBands:
    """Return the bands of an arterial under a form of programme.

    Parameters
    ----------
    arterial, road
        The road, as given and as the loop form sees it.
    form
        The programme.
    make_reach
        Makes the bounds of its objective; only called if each signal has a pattern to run.
    second, tolerance, time_limit_s, gap
        As in `maxband`.

    Raises
    ------
    InputError
        If the time limit is not positive.
    """
    start_s = time.monotonic()
    deadline_s = start_s + time_limit_s
    if not time_limit_s > 0:
        raise InputError(f"time_limit_s must be above 0, got {time_limit_s:g}.")
    some = np.any(road.allowed, axis=1)
    if not np.all(some):
        return no_bands(
            arterial.signals,
            Status.INFEASIBLE,
            f"the queue at signal {int(some.argmin())} takes more than its green",
            bound=np.nan,
            runtime_s=time.monotonic() - start_s,
        )
    search = make_search(road, form, make_reach())
    best = search.best(deadline_s=deadline_s, gap=gap)
    if not best.status.has_solution:
        return no_bands(
            arterial.signals,
            best.status,
            best.message,
            bound=best.bound,
            runtime_s=time.monotonic() - start_s,
        )
    bands = _read(arterial, road, form, best, best.values, 0.0)
    if second is not None:
        chosen, offset = search.refined(
            best, second, tolerance=tolerance, deadline_s=deadline_s, gap=gap
        )
        if chosen.status.has_solution:
            values = chosen.values[: len(best.values)]
            bands = _read(arterial, road, form, best, values, float(offset[0]))
        bands = replace(bands, second_status=chosen.status, second_objective=chosen.objective)
    return replace(bands, runtime_s=time.monotonic() - start_s)


def _read(
    arterial: Arterial,
    road: Road,
    form: Form,
    best: Solution,
    values: FloatArray,
    first_offset: float,
) -> ArterialBands:
    """Return the plan that values stand for; status and bound are those of the best solution."""
    built = form(whole_box(road))
    loop = built.loop
    links = road.fast.shape[1]
    pattern = values[loop.choice].argmax(axis=1)
    pick = np.arange(links + 1), pattern
    start, green = road.start[:, *pick], road.green[:, *pick]
    rate = float(values[loop.rate])
    travel = road.fast * rate + values[loop.extra]
    slack = values[loop.slack]
    passed = np.concatenate([[0.0], np.cumsum(travel[0] - road.clearance[0])])
    outbound = first_offset + start[0, 0] + slack[0, 0] + passed
    offsets = outbound - start[0] - slack[0]
    inbound = offsets + start[1] + green[1] - slack[1]
    cycle_s = road.reference_cycle_s / rate
    return ArterialBands(
        status=best.status,
        objective=float(built.objective @ values),
        bound=best.bound,
        cycle_s=cycle_s,
        offset_ratio=wrapped(offsets, 1.0),
        pattern=pattern,
        travel_time_s=travel * cycle_s,
        speed_mps=arterial.distance_m / (travel * cycle_s),
        line_ratio=wrapped(np.stack([outbound, inbound]), 1.0),
        ahead_ratio=built.ahead.of(values, links),
        behind_ratio=built.behind.of(values, links),
        second_status=None,
        second_objective=np.nan,
        runtime_s=0.0,
        message=best.message,
    )
