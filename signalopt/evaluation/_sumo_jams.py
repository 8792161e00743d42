"""The longest queue on every lane, seen while SUMO runs; standard library only.

SUMO's own queue output measures from the junction to the last vehicle that stands anywhere on the
lane, so that a bus at its stop makes a queue of the whole street. Here a queue is as long as the
vehicles that stand and their gaps; on a lane that is half full of vehicles, as long as all of
them, for a queue longer than a cycle can serve moves and stands in turns.
"""

from __future__ import annotations

from typing import Any

from signalopt.evaluation._sumo_watch import step_to

PERIOD_S = 5.0
"""How often the lanes are looked at [s]."""
CROWDED = 0.5
"""Share of a lane that vehicles and gaps must cover for all of them to count."""
GAP_M = 2.5
"""Gap between standing vehicles, SUMO's default ``minGap`` [m]."""


class Jams:
    """Follows a simulation and keeps the longest queue on each lane.

    Parameters
    ----------
    begin_s
        Queues before this time do not count [s].
    """

    def __init__(self, begin_s: float) -> None:
        self.longest_m: dict[str, float] = {}
        self._begin_s = begin_s
        self._length_m: dict[str, float] = {}

    def follow(self, sumo: Any, until_s: float) -> None:  # noqa: ANN401 (libsumo is untyped)
        """Simulate until a time, looking at all lanes now and then."""
        if not self._length_m:
            self._subscribe(sumo)
        while (now_s := sumo.simulation.getTime()) < until_s:
            if now_s < self._begin_s:
                step_to(sumo, min(self._begin_s, until_s))
                continue
            step_to(sumo, min(now_s + PERIOD_S, until_s))
            self._look(sumo)

    def _subscribe(self, sumo: Any) -> None:  # noqa: ANN401
        names = sumo.constants
        self._wanted = (
            names.LAST_STEP_VEHICLE_HALTING_NUMBER,
            names.LAST_STEP_VEHICLE_NUMBER,
            names.LAST_STEP_LENGTH,
        )
        for lane in sumo.lane.getIDList():
            if not lane.startswith(":"):
                self._length_m[lane] = sumo.lane.getLength(lane)
                sumo.lane.subscribe(lane, self._wanted)

    def _look(self, sumo: Any) -> None:  # noqa: ANN401
        for lane, seen in sumo.lane.getAllSubscriptionResults().items():
            halting, vehicles, length_m = (seen[name] for name in self._wanted)
            if not halting:
                continue
            whole_m = self._length_m[lane]
            covered_m = vehicles * (length_m + GAP_M)
            queue_m = covered_m if covered_m >= CROWDED * whole_m else halting * (length_m + GAP_M)
            if queue_m > self.longest_m.get(lane, 0.0):
                self.longest_m[lane] = min(queue_m, whole_m)
