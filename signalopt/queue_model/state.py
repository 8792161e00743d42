"""What changes during a run: queues, freed space, vehicles, places inside junctions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from signalopt.queue_model.network import Records, Roads
    from signalopt.queue_model.traffic import Traffic

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

OUTSIDE, INSIDE, ARRIVED = 0, 1, 2
GOES, BLOCKED, NO_GAP, NO_ROOM = -1, 0, 1, 2
"""Why the first vehicle of a lane stands: for another of its lane that waits inside the junction,
for a gap, or for room behind the junction."""
LONG_AGO_S = -1e9
NEVER_S = 1e18
STARTS = 16
"""How many starts of a queue a lane remembers."""
_LEAST_SPACE_M = 0.5

LANE_STATE = np.dtype(
    [
        ("ring_first", "i8"),
        ("ring_size", "i8"),
        ("head", "i8"),
        ("count", "i8"),
        ("freed_head", "i8"),
        ("freed_count", "i8"),
        ("occupied_m", "f8"),
        ("next_s", "f8"),
        ("run_m", "f8"),
        ("left_s", "f8"),
        ("entered_s", "f8"),
        ("starts", "i8"),
        ("held", "i8"),
        ("stood_s", "f8"),
        ("giving_way", "i8"),
        ("turners", "i8"),
        ("shut", "i8"),
        ("shut_s", "f8"),
        ("inside_m", "f8"),
        ("beyond", "i8"),
        ("lost_s", "f8"),
        ("halts", "i8"),
        ("moved_s", "f8"),
        ("queued", "i8"),
        ("queued_m", "f8"),
        ("longest_m", "f8"),
    ],
    align=True,
)
VEHICLE_STATE = np.dtype(
    [
        ("ready_s", "f8"),
        ("free_s", "f8"),
        ("delay_s", "f8"),
        ("arrived_s", "f8"),
        ("step", "i8"),
        ("stops", "i8"),
        ("status", "i8"),
        ("outside_s", "f8"),
    ],
    align=True,
)
LINK_STATE = np.dtype([("placed", "i8"), ("place_next_s", "f8")], align=True)
CLOCK = np.dtype([("row", "i8"), ("first", "i8")], align=True)
FREED = np.dtype([("at_s", "f8"), ("space_m", "f8")], align=True)
PLACE = np.dtype([("vehicle", "i8"), ("lane", "i8"), ("since_s", "f8")], align=True)
VISIT = np.dtype(
    [
        ("lane", "i8"),
        ("reached_s", "f8"),
        ("left_s", "f8"),
        ("delay_s", "f8"),
        ("stops", "i8"),
    ],
    align=True,
)
"""What happened on a visit of an edge: the lane (-1 if it was not reached), when the vehicle
would have crossed the stop line unhindered and when it did [s] (NaN if it did not), the time
lost there and in the junction behind it [s], and the halts."""


class State(NamedTuple):
    """Everything that changes.

    Attributes
    ----------
    lanes
        Records. The vehicles on a lane are a ring of ``ring_size`` places from ``ring_first`` on:
        ``head`` is the first one's place, ``count`` their number. Freed space in the same way:
        ``freed_head``, ``freed_count``. ``occupied_m``: taken, freed space that has not reached
        the tail included. ``next_s``: earliest time that the next vehicle may leave.
        ``run_m``: distance of the next
        vehicle's place in the queue from the stop line. ``left_s``, ``entered_s``: when the
        last vehicle left, and entered from outside. ``starts``: how often the queue began to
        move. ``held``: the first vehicle stands, since ``stood_s``; ``giving_way``: why, see
        `BLOCKED`, `NO_GAP` and `NO_ROOM`; 0 also for red. ``turners``: how many on it may come to
        wait inside the junction in the way of others; ``shut``: on how many of its links too many
        wait there for others to pass, since ``shut_s``; ``inside_m``: the room that those leave
        behind them; ``beyond``: the first vehicle has passed the stop line and stands there.
        ``lost_s`` and ``halts``: what all vehicles lost there, in the junction behind it, and
        outside before they entered it. ``moved_s``: when the queue last began to move.
        ``queued``, ``queued_m``: how many vehicles stood when the last one crossed the stop
        line, and the length that they take; ``longest_m``: how far a queue has reached.
    vehicles
        Records: ``ready_s``, when a vehicle reaches its stop line if nothing is in its way;
        ``free_s``, time that it needs up to there without hindrance; ``step`` of its route;
        ``delay_s``, ``stops``, ``arrived_s`` and ``status`` (`OUTSIDE`, `INSIDE`, `ARRIVED`);
        ``outside_s``, the time that it waited before it entered.
    links
        Records: ``placed``, the number of vehicles that wait inside the junction;
        ``place_next_s``, when the first of them may leave.
    ring
        Vehicles on all lanes.
    freed
        Records on all lanes: when space reaches the tail, and how much.
    start_s
        The last `STARTS` starts of each lane's queue [s].
    places
        Records: the vehicles inside junctions, the same number for every link with places.
    waiting
        Vehicles that wait outside, in order.
    wake_s, place_wake_s
        Before this time a lane, or who waits inside a junction on a link with places, need not
        be looked at [s]; apart from the records, since all are read in every second.
    refused_s
        The last second in which a vehicle found no room to enter, by its first good lane.
    clocks
        Records by signal: ``row`` of its table in this second, and the ``first`` aspect there.
    """

    lanes: Records
    vehicles: Records
    links: Records
    ring: Ints
    freed: Records
    start_s: Floats
    places: Records
    waiting: Ints
    wake_s: Floats
    place_wake_s: Floats
    refused_s: Ints
    clocks: Records


def new_state(roads: Roads, traffic: Traffic) -> State:
    """Empty roads."""
    least_m = max(float(traffic.vehicles["space_m"].min(initial=7.5)), _LEAST_SPACE_M)
    lanes = np.zeros(len(roads.lanes), LANE_STATE)
    # One vehicle always fits, and freed space counts until it has reached the tail.
    lanes["ring_size"] = (roads.lanes["storage_m"] / least_m).astype(np.int64) + 4
    size = int(lanes["ring_size"].sum())
    lanes["ring_first"] = np.cumsum(lanes["ring_size"]) - lanes["ring_size"]
    lanes["next_s"] = lanes["left_s"] = lanes["entered_s"] = LONG_AGO_S
    vehicles = np.zeros(len(traffic.vehicles), VEHICLE_STATE)
    vehicles["arrived_s"] = np.nan
    links = np.zeros(len(roads.links), LINK_STATE)
    links["place_next_s"] = LONG_AGO_S
    places = max(int(roads.links["places"].max(initial=0)), 1)
    return State(
        lanes=lanes,
        vehicles=vehicles,
        links=links,
        ring=np.zeros(size, np.int64),
        freed=np.zeros(size, FREED),
        start_s=np.full(len(lanes) * STARTS, LONG_AGO_S),
        places=np.zeros(len(roads.place_link) * places, PLACE),
        waiting=np.zeros(len(vehicles), np.int64),
        wake_s=np.full(len(lanes), NEVER_S),
        place_wake_s=np.full(len(roads.place_link), NEVER_S),
        refused_s=np.full(len(lanes), np.int64(LONG_AGO_S)),
        clocks=np.zeros(int(roads.links["signal"].max(initial=-1)) + 1, CLOCK),
    )


def new_trace(visits: int) -> Records:
    """A trace (see `VISIT`) for so many visits of edges; none is made if there are 0."""
    trace = np.zeros(visits, VISIT)
    trace["lane"] = -1
    trace["reached_s"] = trace["left_s"] = np.nan
    return trace
