"""Which routes SUMO's vehicles drive; standard library only, for the processes that run SUMO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from signalopt.evaluation._sumo_outputs import TRIPINFO, VEHROUTES, scan
from signalopt.evaluation._sumo_watch import step_to

_DEFAULT_TYPE = "DEFAULT_VEHTYPE"
"""SUMO names the type of a vehicle only if it is another."""


class RouteWatch:
    """Watches who is due when, of which type, and along which route.

    Parameters
    ----------
    task
        The task, of which it needs ``end_s``.
    """

    def __init__(self, task: dict[str, Any]) -> None:
        self._end_s = float(task["end_s"])
        self._waiting: dict[str, list[str]] = {}
        self._types: dict[str, tuple[str, float, float, float]] = {}

    def additional(self) -> list[str]:
        """No files."""
        return []

    def options(self) -> list[str]:
        """Vehicle routes, the last one of who changed it, and who found no room to enter."""
        return [
            *("--vehroute-output", VEHROUTES, "--vehroute-output.intended-depart"),
            *("--vehroute-output.last-route", "--vehroute-output.write-unfinished"),
            *("--tripinfo-output", TRIPINFO, "--tripinfo-output.write-undeparted"),
        ]

    def follow(self, sumo: Any, until_s: float) -> None:  # noqa: ANN401 (libsumo is untyped)
        """Simulate until a time."""
        step_to(sumo, until_s)

    def look(self, sumo: Any) -> None:  # noqa: ANN401
        """Routes of vehicles that wait outside, which SUMO writes nowhere, and all types."""
        pending = sumo.simulation.getPendingVehicles()
        self._waiting = {i: list(sumo.vehicle.getRoute(i)) for i in pending}
        types = sumo.vehicletype
        self._types = {
            i: (
                types.getVehicleClass(i),
                types.getLength(i),
                types.getMinGap(i),
                types.getMaxSpeed(i),
            )
            for i in types.getIDList()
        }

    def answer(self) -> dict[str, Any]:
        """Everyone who was due.

        Returns
        -------
        dict
            ``routes``, lists of edges; ``vehicles``, in order of departure: id, due departure
            [s], type, position in ``routes``; ``types``: class, length [m], standstill gap [m]
            and highest speed [m/s] by id.
        """
        numbers: dict[str, int] = {}
        rows: list[tuple[str, float, str, int]] = []
        vehicle = ("", 0.0, "")

        def driven(tag: str, a: dict[str, str]) -> None:
            nonlocal vehicle
            if tag == "vehicle":
                vehicle = (a["id"], float(a["depart"]), a.get("type", _DEFAULT_TYPE))
            elif tag == "route":
                rows.append((*vehicle, numbers.setdefault(a["edges"], len(numbers))))

        def undeparted(tag: str, a: dict[str, str]) -> None:
            if tag == "tripinfo" and a["id"] in self._waiting:
                edges = " ".join(self._waiting[a["id"]])
                due_s = self._end_s - float(a["departDelay"])
                rows.append((a["id"], due_s, a["vType"], numbers.setdefault(edges, len(numbers))))

        scan(Path(VEHROUTES), driven)
        scan(Path(TRIPINFO), undeparted)
        rows.sort(key=lambda row: row[1])
        return {
            "routes": [edges.split() for edges in numbers],
            "vehicles": rows,
            "types": self._types,
        }
