"""How SUMO's queues discharge and where time is lost; standard library only, for its processes.

Detectors at the stop lines say when each vehicle crosses, to a hundredth of a second. The queue in
front of a signal is looked at when green begins, and the start of every vehicle in it is noted.
At other stop lines it is noted who stands at the front, and since when.

A vehicle is where SUMO's outputs say that it is at time t after the step t, in which it moved from
where it was at the time of the step before; in this step it obeys the lights that SUMO switches
at t. So on the clock of the outputs a light that switches at t rules from one step earlier on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from signalopt.evaluation._sumo_outputs import TRIPINFO, Window, scan
from signalopt.evaluation._sumo_routes import RouteWatch
from signalopt.evaluation._sumo_watch import step_to

LANES, LINES, DETECTORS = "lanes.xml", "lines.xml", "lines.add.xml"
_DETECTOR_M = 0.1
"""Distance of a detector before its stop line [m]."""
_STANDS_MPS = 0.1
_MOVES_MPS = 0.3
_AT_LINE_M = 5.0
_QUEUE_GAP_M = 6.0
"""Vehicles that stand with more room between them do not belong to one queue [m]."""
_GIVE_UP_S = 90.0
_JUNCTION_PARTS = 6


class Queue:
    """A queue in front of a signal that turns green: who stands where, and who starts when."""

    def __init__(
        self,
        lane: str,
        green_s: float,
        standing: list[tuple[str, float]],
        *,
        protected: bool,
    ) -> None:
        self.lane = lane
        self.green_s = green_s
        self.protected = protected
        self.standing = standing
        self.started_s: dict[str, float] = {}

    def note_starts(self, sumo: Any, now_s: float) -> bool:  # noqa: ANN401
        """Note who moves; whether anybody still stands."""
        left = False
        here = set(sumo.lane.getLastStepVehicleIDs(self.lane))
        for vehicle, _ in self.standing:
            if vehicle in self.started_s:
                continue
            if vehicle not in here or sumo.vehicle.getSpeed(vehicle) > _MOVES_MPS:
                self.started_s[vehicle] = now_s
            else:
                left = True
        return left and now_s - self.green_s < _GIVE_UP_S


class QueueWatch(RouteWatch):
    """Watches queues at stop lines, what is lost on every edge, and routes.

    Parameters
    ----------
    task
        The task, of which it needs the window and ``lines``: by lane id, the lane's length [m],
        its signal's id (empty without one) and the groups of its connections.
    """

    def __init__(self, task: dict[str, Any]) -> None:
        super().__init__(task)
        self._window = Window(float(task["begin_s"]), float(task["end_s"]))
        self._lines: dict[str, tuple[float, str, list[int]]] = task["lines"]
        self._lanes_of: dict[str, list[str]] = {}
        for lane, (_, signal_id, _) in self._lines.items():
            if signal_id:
                self._lanes_of.setdefault(signal_id, []).append(lane)
        self._open = [lane for lane, (_, signal_id, _) in self._lines.items() if not signal_id]
        self._fronts: dict[str, dict[str, float]] = {lane: {} for lane in self._open}
        self._queues: list[Queue] = []
        self._approach: dict[str, str] = {}

    def additional(self) -> list[str]:
        """Lane data, and a detector at each stop line."""
        window = self._window
        span = f'begin="{window.begin_s}" end="{window.end_s}"'
        data = f'<laneData id="signalopt" file="{LANES}" {span} withInternal="true"/>'
        parts = [
            f'<instantInductionLoop id="{lane}" lane="{lane}" file="{LINES}" '
            f'pos="{max(length_m - _DETECTOR_M, 0.0):.2f}" friendlyPos="true"/>'
            for lane, (length_m, _, _) in self._lines.items()
        ]
        path = Path(DETECTORS)
        path.write_text(f"<additional>{data}{''.join(parts)}</additional>\n", encoding="utf-8")
        return [str(path.absolute())]

    def options(self) -> list[str]:
        """Routes, and trip information of everyone."""
        return [*super().options(), "--tripinfo-output.write-unfinished"]

    def follow(self, sumo: Any, until_s: float) -> None:  # noqa: ANN401
        """Simulate step by step and look at the queues."""
        step_s = float(sumo.simulation.getDeltaT())
        moving: list[Queue] = []
        while (now_s := sumo.simulation.getTime()) < until_s:
            standing = self._before_switch(sumo, now_s)
            step_to(sumo, min(now_s + step_s, until_s))
            lights = sumo.trafficlight
            for lane, queue in standing.items():
                _, signal_id, groups = self._lines[lane]
                state = lights.getRedYellowGreenState(signal_id)
                if _is_green(state, groups):
                    protected = all(state[group] == "G" for group in groups)
                    moving.append(Queue(lane, now_s - step_s, queue, protected=protected))
                    self._queues.append(moving[-1])
            moving = [queue for queue in moving if queue.note_starts(sumo, now_s - step_s)]
            for lane in self._open:
                self._note_front(sumo, lane, now_s)

    def _before_switch(self, sumo: Any, now_s: float) -> dict[str, list[tuple[str, float]]]:  # noqa: ANN401
        """Queues on lanes without green whose signal changes in the coming step."""
        lights = sumo.trafficlight
        found: dict[str, list[tuple[str, float]]] = {}
        for signal_id, lanes in self._lanes_of.items():
            if lights.getNextSwitch(signal_id) > now_s:
                continue
            state = lights.getRedYellowGreenState(signal_id)
            for lane in lanes:
                length_m, _, groups = self._lines[lane]
                if not _is_green(state, groups):
                    queue = _standing(sumo, lane, length_m)
                    if queue:
                        found[lane] = queue
        return found

    def _note_front(self, sumo: Any, lane: str, now_s: float) -> None:  # noqa: ANN401
        vehicles = sumo.lane.getLastStepVehicleIDs(lane)
        if not vehicles or vehicles[-1] in self._fronts[lane]:
            return
        front = vehicles[-1]
        before_m = self._lines[lane][0] - sumo.vehicle.getLanePosition(front)
        if before_m < _AT_LINE_M and sumo.vehicle.getSpeed(front) < _STANDS_MPS:
            self._fronts[lane][front] = now_s

    def look(self, sumo: Any) -> None:  # noqa: ANN401
        """Routes of those who wait outside, and which paths in junctions belong to which edge."""
        super().look(sumo)
        lanes = sumo.lane
        for lane in lanes.getIDList():
            if lane.startswith(":"):
                continue
            for link in lanes.getLinks(lane):
                path, parts = link[4], 0
                while path and parts < _JUNCTION_PARTS:
                    self._approach[path] = lanes.getEdgeID(lane)
                    onward = lanes.getLinks(path)
                    path = onward[0][4] if onward else ""
                    parts += 1

    def answer(self) -> dict[str, Any]:
        """What `RouteWatch` answers, and what was seen at the stop lines.

        Returns
        -------
        dict
            Of `RouteWatch`, and

            - ``crossings``: by lane, in order of time: time [s], vehicle, speed [m/s];
            - ``queues``: lane, begin of green [s], whether nobody there gives way, and for each
              vehicle that stood there, from the front: vehicle, distance from the stop line [m],
              start [s] (None: none seen);
            - ``fronts``: by lane without signal: vehicle, and since when it stood at the front;
            - ``trips``: vehicle, type, speed factor, departure and delay of it [s], lane and
              speed [m/s] of departure; of those who entered;
            - ``edges``: by edge: vehicles, time lost on it and in the junction behind it, and
              time lost outside before entering it, in the window [s];
            - ``delay_s_per_veh``, ``stops_per_veh``: of all who were due in the window, and
              ``inside_s``, what they lost inside the network.
        """
        found = super().answer()
        trips, outside, totals = self._trips()
        return {
            **found,
            "crossings": _read_crossings(Path(LINES)),
            "queues": [
                (
                    q.lane,
                    q.green_s,
                    q.protected,
                    [(v, at_m, q.started_s.get(v)) for v, at_m in q.standing],
                )
                for q in self._queues
            ],
            "fronts": {lane: list(seen.items()) for lane, seen in self._fronts.items() if seen},
            "trips": trips,
            "edges": self._edges(outside),
            **totals,
        }

    def _trips(self) -> tuple[list[tuple[Any, ...]], dict[str, float], dict[str, float]]:
        rows: list[tuple[Any, ...]] = []
        outside: dict[str, float] = {}
        count, delay_s, inside_s, stops = 0, 0.0, 0.0, 0
        begin_s, end_s = self._window.begin_s, self._window.end_s

        def start(tag: str, a: dict[str, str]) -> None:
            nonlocal count, delay_s, inside_s, stops
            if tag != "tripinfo":
                return
            depart_s, waited_s = float(a["depart"]), float(a["departDelay"])
            entered = depart_s >= 0
            if entered:
                edge = a["departLane"].rpartition("_")[0]
                rows.append(
                    (
                        a["id"],
                        a["vType"],
                        float(a["speedFactor"]),
                        depart_s,
                        waited_s,
                        a["departLane"],
                        float(a["departSpeed"]),
                    )
                )
            else:
                edge = self._waiting.get(a["id"], [""])[0]
            if not entered or depart_s >= begin_s:
                outside[edge] = outside.get(edge, 0.0) + waited_s
            if begin_s <= (depart_s if entered else end_s) - waited_s < end_s:
                count += 1
                inside_s += float(a["timeLoss"])
                delay_s += float(a["timeLoss"]) + waited_s
                stops += int(a["waitingCount"])

        scan(Path(TRIPINFO), start)
        each = 1 / max(count, 1)
        totals = {
            "delay_s_per_veh": delay_s * each,
            "stops_per_veh": stops * each,
            "inside_s": inside_s,
        }
        return rows, outside, totals

    def _edges(self, outside: dict[str, float]) -> dict[str, tuple[float, float, float]]:
        vehicles: dict[str, float] = {}
        inside: dict[str, float] = {}

        def start(tag: str, a: dict[str, str]) -> None:
            if tag != "lane":
                return
            lane = a["id"]
            edge = self._approach.get(lane) if lane[0] == ":" else lane.rpartition("_")[0]
            if edge is None:
                return  # a crossing
            inside[edge] = inside.get(edge, 0.0) + float(a.get("timeLoss", 0))
            if lane[0] != ":":
                came = float(a.get("entered", 0)) + float(a.get("departed", 0))
                vehicles[edge] = vehicles.get(edge, 0.0) + came

        scan(Path(LANES), start)
        return {
            edge: (vehicles.get(edge, 0.0), inside.get(edge, 0.0), outside.get(edge, 0.0))
            for edge in sorted({*inside, *outside} - {""})
        }


def _is_green(state: str, groups: list[int]) -> bool:
    return all(state[group] in "Gg" for group in groups)


def _standing(sumo: Any, lane: str, length_m: float) -> list[tuple[str, float]]:  # noqa: ANN401
    """Who stands in the queue at a stop line, from the front, and how far from the line [m]."""
    found: list[tuple[str, float]] = []
    rear_m = 0.0
    for vehicle in reversed(sumo.lane.getLastStepVehicleIDs(lane)):
        before_m = length_m - sumo.vehicle.getLanePosition(vehicle)
        if sumo.vehicle.getSpeed(vehicle) > _STANDS_MPS or before_m - rear_m > _QUEUE_GAP_M:
            break
        found.append((vehicle, before_m))
        rear_m = before_m + sumo.vehicle.getLength(vehicle)
    return found


def _read_crossings(path: Path) -> dict[str, list[tuple[float, str, float]]]:
    """The fronts of vehicles over each stop line."""
    found: dict[str, list[tuple[float, str, float]]] = {}

    def start(tag: str, a: dict[str, str]) -> None:
        if tag == "instantOut" and a["state"] == "enter":
            found.setdefault(a["id"], []).append((float(a["time"]), a["vehID"], float(a["speed"])))

    scan(path, start)
    for rows in found.values():
        rows.sort()
    return found
