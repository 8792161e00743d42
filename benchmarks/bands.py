"""How long the widest bands of long roads take."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from signalopt.optimisers.bandwidth import Arterial, ArterialBands, maxband, multiband
from signalopt.optimisers.bandwidth.goal import two_way_goal
from signalopt.optimisers.bandwidth.loop import make_road, whole_box
from signalopt.optimisers.bandwidth.maxband import maxband_form
from signalopt.optimisers.bandwidth.solve import maximise
from signalopt.theory.two_way import left_turn_windows

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_LIMIT_S = 60.0


def random_road(signals: int, seed: int) -> Arterial:
    """A road whose cycle, speeds and sequences of left turns are all free.

    Links of 150 to 600 m, a cycle of 60 to 120 s, 45 to 55 km/h with changes of about 3 km/h from
    link to link, queues to clear, and all four sequences at each signal.
    """
    rng = np.random.default_rng(seed)
    start, green = left_turn_windows(
        rng.uniform(0.35, 0.5, signals), rng.uniform(0.06, 0.14, (2, signals))
    )
    return Arterial(
        distance_m=rng.uniform(150, 600, signals - 1),
        start=start,
        green=green,
        min_cycle_s=60,
        max_cycle_s=120,
        min_speed_mps=np.asarray(45 / 3.6),
        max_speed_mps=np.asarray(55 / 3.6),
        max_slowness_change_s_per_m=0.004,
        queue_clearance=rng.uniform(0, 0.05, (2, signals)),
    )


def run(scenario: str | None, repeats: int) -> dict[str, Any]:  # noqa: ARG001 (same for all)
    """Times of `repeats` random roads of 30 and of 60 signals, and what is left of the gap.

    Beside the wall time stands the processor's: on a busy machine only that one says how long the
    programme is. It is solved in one thread.
    """
    figures: dict[str, Any] = {}
    for signals in (30, 60):
        figures |= _figures(
            f"maxband_{signals}",
            [_timed(maxband, random_road(signals, seed)) for seed in range(repeats)],
        )
    figures |= _figures(
        "multiband_15",
        [_timed(multiband, random_road(15, seed)) for seed in range(repeats)],
    )
    figures["one_programme_30_s"] = statistics.median(
        _one_programme_s(random_road(30, seed)) for seed in range(min(repeats, 3))
    )
    return figures


def _timed(solve: Callable[..., ArterialBands], road: Arterial) -> tuple[ArterialBands, float]:
    """Bands of a road, and the processor time that they took [s]."""
    start_s = time.process_time()
    bands = solve(road, time_limit_s=TIME_LIMIT_S)
    return bands, time.process_time() - start_s


def _figures(name: str, found: list[tuple[ArterialBands, float]]) -> dict[str, Any]:
    times = [bands.runtime_s for bands, _ in found]
    processor = [seconds for _, seconds in found]
    return {
        f"{name}_median_s": statistics.median(times),
        f"{name}_worst_s": max(times),
        f"{name}_median_processor_s": statistics.median(processor),
        f"{name}_worst_processor_s": max(processor),
        f"{name}_worst_gap": max(bands.gap for bands, _ in found),
        f"{name}_proven": sum(bands.status.value == "optimal" for bands, _ in found),
    }


def _one_programme_s(arterial: Arterial) -> float:
    """Time of the same programme without bounds by walking and branching over the cycle."""
    road = make_road(arterial)
    start_s = time.perf_counter()
    built = maxband_form(road, two_way_goal(1.0))(whole_box(road))
    maximise(built.program, built.objective, time_limit_s=TIME_LIMIT_S)
    return time.perf_counter() - start_s
