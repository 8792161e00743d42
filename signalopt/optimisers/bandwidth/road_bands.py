"""From an arterial and a form of programme to bands: search, second objective, result."""

from __future__ import annotations

import time
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
    """Return the bands of an arterial under a form of programme."""
    start_s = time.monotonic()
    deadline_s = start_s + time_limit_s
    if not time_limit_s > 0:
        raise InputError(f"time_limit_s must be above 0, got {time_limit_s:g}.")
    some = np.any(road.allowed, axis=1)
    if not np.all(some):
        message = f"the queue at signal {int(some.argmin())} takes more than its green"
        return no_bands(
            arterial.signals,
            Status.INFEASIBLE,
            message,
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
    values, offset = best.values, None
    objective = best.objective
    second_status, second_objective = None, np.nan
    if second is not None:
        refined, placed = search.refined(
            best, second, tolerance=tolerance, deadline_s=deadline_s, gap=gap
        )
        second_status, second_objective = refined.status, refined.objective
        if refined.status.has_solution:
            values, offset = refined.values, placed
            columns = len(best.values)
            objective = float(form(whole_box(road)).objective @ values[:columns])
    return _read(
        arterial,
        road,
        form,
        values,
        offset,
        status=best.status,
        objective=objective,
        bound=best.bound,
        second_status=second_status,
        second_objective=second_objective,
        runtime_s=time.monotonic() - start_s,
        message=best.message,
    )


def _read(
    arterial: Arterial,
    road: Road,
    form: Form,
    values: FloatArray,
    offset: FloatArray | None,
    *,
    status: Status,
    objective: float,
    bound: float,
    second_status: Status | None,
    second_objective: float,
    runtime_s: float,
    message: str,
) -> ArterialBands:
    built = form(whole_box(road))
    loop = built.loop
    links = road.fast.shape[1]
    pattern = values[loop.choice].argmax(axis=1)
    pick = np.arange(links + 1), pattern
    start, green = road.start[:, *pick], road.green[:, *pick]
    rate = float(values[loop.rate])
    travel = road.fast * rate + values[loop.extra]
    slack = values[loop.slack]
    # Lines from the first signal's reference point on, along the outbound line.
    outbound = (
        start[0, 0]
        + slack[0, 0]
        + np.concatenate([[0.0], np.cumsum(travel[0] - road.clearance[0])])
    )
    offsets = outbound - start[0] - slack[0]
    inbound = offsets + start[1] + green[1] - slack[1]
    shift = 0.0 if offset is None else float(offset[0])
    cycle_s = road.reference_cycle_s / rate
    return ArterialBands(
        status=status,
        objective=objective,
        bound=bound,
        cycle_s=cycle_s,
        offset_ratio=wrapped(offsets + shift, 1.0),
        pattern=pattern,
        travel_time_s=travel * cycle_s,
        speed_mps=arterial.distance_m / (travel * cycle_s),
        line_ratio=wrapped(np.stack([outbound, inbound]) + shift, 1.0),
        ahead_ratio=built.ahead.of(values, links),
        behind_ratio=built.behind.of(values, links),
        second_status=second_status,
        second_objective=second_objective,
        runtime_s=runtime_s,
        message=message,
    )
