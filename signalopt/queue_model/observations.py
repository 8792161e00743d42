"""What a watched run of SUMO showed at the stop lines and at the entries."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from signalopt.queue_model.stop_lines import lane_id, links_of, yields_to
from signalopt.queue_model.traffic import AGILITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signalopt.model.movement import Connection
    from signalopt.model.network import Network

FOLLOWS_S = 5.0
"""A vehicle that crosses later after the one in front was held up by something else [s]."""
PATIENT_S = 20.0
"""Drivers who have waited longer take smaller gaps [s]."""
_WAITED_S = 1.0
"""Who entered so much later than due waited for the vehicle in front [s]."""
_FAST_MPS = 8.0
"""Paths across a junction with a lower limit are slow in themselves [m/s]."""


class Follower(NamedTuple):
    """A vehicle of a queue that discharges.

    Attributes
    ----------
    crossed_s, speed_mps
        When, from the begin of green [s], and how fast it crosses the stop line [m/s].
    distance_m
        How far from the line it stood [m].
    space_m, agility
        Length and gap [m]; acceleration as a share of that of a car.
    limit_mps
        The lower of the speed limits of its lane and of its path across the junction [m/s].
    """

    crossed_s: float
    speed_mps: float
    distance_m: float
    space_m: float
    agility: float
    limit_mps: float


class Gap(NamedTuple):
    """A gap in the streams that have the right of way.

    Attributes
    ----------
    connection
        Where the driver wants to go.
    gap_s
        From when it could first have gone until the next foe crosses its stop line [s].
    taken
        Whether it went.
    """

    connection: Connection
    gap_s: float
    taken: bool


class Entry(NamedTuple):
    """A vehicle that entered the network.

    Attributes
    ----------
    after_s
        Time since the one before it on that lane, if it waited for it [s]; infinite if not.
    slowness
        1 − v / w, where it entered at v and wants to drive w.
    speed_factor
        Its driver's.
    """

    after_s: float
    slowness: float
    speed_factor: float


class Sight:
    """One watched run.

    Parameters
    ----------
    network
        The network.
    answer
        What `signalopt.evaluation._sumo_queues.QueueWatch` answered.
    """

    def __init__(self, network: Network, answer: Mapping[str, Any]) -> None:
        self._network = network
        self._answer = answer
        self._links = links_of(network)
        onward = [dict(itertools.pairwise(edges)) for edges in answer["routes"]]
        self._onward = {v: onward[route] for v, _, _, route in answer["vehicles"]}
        self._type = {v: type_id for v, _, type_id, _ in answer["vehicles"]}

    def discharges(self) -> Iterator[list[Follower]]:
        """Queues that had protected green, as far as each vehicle followed the one in front."""
        for lane, green_s, protected, standing in self._answer["queues"]:
            if not protected:
                continue
            crossed = {v: (t, mps) for t, v, mps in self._answer["crossings"].get(lane, ())}
            chain: list[Follower] = []
            last_s = green_s
            for vehicle, before_m, _ in standing:
                at_s, speed_mps = crossed.get(vehicle, (-math.inf, 0.0))
                link = self._link(lane, vehicle)
                if link is None or not 0 < at_s - last_s < FOLLOWS_S:
                    break
                chain.append(self._follower(vehicle, link, at_s - green_s, speed_mps, before_m))
                last_s = at_s
            if chain:
                yield chain

    def _follower(
        self,
        vehicle: str,
        link: Connection,
        crossed_s: float,
        speed_mps: float,
        distance_m: float,
    ) -> Follower:
        vehicle_class, length_m, min_gap_m, _ = self._answer["types"][self._type[vehicle]]
        lane = self._network.edges[link.from_edge].lanes[link.from_lane]
        return Follower(
            crossed_s=crossed_s,
            speed_mps=speed_mps,
            distance_m=distance_m,
            space_m=length_m + min_gap_m,
            agility=AGILITY.get(vehicle_class, 1.0),
            limit_mps=min(lane.speed_mps, link.speed_mps),
        )

    def _link(self, lane: str, vehicle: str) -> Connection | None:
        to_edge = self._onward.get(vehicle, {}).get(lane.rpartition("_")[0])
        return next((c for c in self._links.get(lane, ()) if c.to_edge == to_edge), None)

    def starts(self) -> Iterator[tuple[float, float]]:
        """How far behind the first of a queue others stood [m], and how much later they start [s].

        Only with protected green.
        """
        for _, _, protected, standing in self._answer["queues"]:
            if not protected:
                continue
            _, first_m, first_s = standing[0]
            for _, at_m, started_s in standing[1:]:
                if first_s is None or started_s is None:
                    break
                yield at_m - first_m, started_s - first_s

    def gaps(self) -> Iterator[Gap]:
        """Gaps that drivers at stop lines without signal took or left, while they were patient.

        A driver that left a larger gap than the one that it took was held up by something else
        for a while, such as a queue behind the junction: it does not count.
        """
        foes: dict[str, list[float]] = {}
        for lane, seen in self._answer["fronts"].items():
            since = dict(seen)
            for crossed_s, vehicle, _ in self._answer["crossings"].get(lane, ()):
                link = self._link(lane, vehicle)
                if link is None or vehicle not in since:
                    continue
                name = f"{lane} {link.to_edge} {link.to_lane}"
                if name not in foes:
                    foes[name] = self._foe_times(link)
                found = list(_gaps(link, foes[name], since[vehicle], crossed_s))
                if found and max(g.gap_s for g in found) <= found[-1].gap_s:
                    yield from found

    def _foe_times(self, link: Connection) -> list[float]:
        """When the vehicles cross their stop lines that a link yields to [s], ascending."""
        found: list[float] = []
        for foe in yields_to(self._network, link):
            lane = lane_id(foe.from_edge, foe.from_lane)
            found += [
                at_s
                for at_s, vehicle, _ in self._answer["crossings"].get(lane, ())
                if self._onward.get(vehicle, {}).get(foe.from_edge) == foe.to_edge
            ]
        return sorted(found)

    def free_approaches(self) -> Iterator[float]:
        """Speeds of who has to give way but finds nobody and nothing in front [m/s]."""
        fronts = self._answer["fronts"]
        for lane, crossings in self._answer["crossings"].items():
            links = self._links.get(lane, [])
            if any(c.group is not None for c in links):
                continue
            stood = dict(fronts.get(lane, ()))
            for (before_s, _, _), (at_s, vehicle, speed_mps) in itertools.pairwise(crossings):
                link = self._link(lane, vehicle)
                if (
                    link is not None
                    and vehicle not in stood
                    and at_s - before_s > FOLLOWS_S
                    and link.speed_mps > _FAST_MPS
                    and yields_to(self._network, link)
                ):
                    yield speed_mps

    def entries(self) -> Iterator[Entry]:
        """Everyone who entered, lane by lane in order of time."""
        last_s: dict[str, float] = {}
        trips = sorted(self._answer["trips"], key=lambda trip: float(trip[3]))
        for _, type_id, factor, at_s, waited_s, lane, speed_mps in trips:
            edge, _, index = lane.rpartition("_")
            max_mps = self._answer["types"][type_id][3]
            wanted_mps = min(
                self._network.edges[edge].lanes[int(index)].speed_mps * factor, max_mps
            )
            after_s = at_s - last_s.get(lane, -math.inf) if waited_s >= _WAITED_S else math.inf
            last_s[lane] = at_s
            yield Entry(after_s, max(1 - speed_mps / wanted_mps, 0.0), factor)


def _gaps(link: Connection, foes_s: list[float], since_s: float, crossed_s: float) -> Iterator[Gap]:
    """Gaps left by a driver that stood at the front from one time on, and the one that it took."""
    could_s = since_s
    while could_s - since_s < PATIENT_S:
        k = bisect_right(foes_s, could_s)
        if k == len(foes_s):
            return
        taken = crossed_s < foes_s[k]
        yield Gap(link, foes_s[k] - could_s, taken)
        if taken:
            return
        could_s = foes_s[k]
