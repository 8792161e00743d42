"""Carrying signal programs over to a changed network, where groups have other numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.errors import UnsafePlanError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree import ElementTree as ET

    from signalopt.model.movement import Connection
    from signalopt.model.network import Network, Signal

GREEN = frozenset("gG")
_DARK = frozenset("r")


@dataclass(frozen=True, kw_only=True, eq=False)
class Carrier:
    """How the groups of a changed signal follow from those that it had.

    Attributes
    ----------
    signal
        The changed signal.
    before
        The signal as it was.
    sources
        For each group the one whose lights it takes over.
    """

    signal: Signal
    before: Signal
    sources: tuple[int, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing changes."""
        return self.sources == tuple(range(self.before.group_count))

    def carry(self, logic: ET.Element) -> None:
        """Rewrite a program, in place.

        Raises
        ------
        UnsafePlanError
            If two streams that cross now would have the right of way together.
        """
        for phase in logic.findall("phase"):
            phase.set("state", self._state(phase.get("state", ""), logic))
        if logic.get("type", "static") == "static":
            _give_away_idle_time(logic)

    def _state(self, state: str, logic: ET.Element) -> str:
        lights = [state[k] if k < len(state) else "r" for k in self.sources]
        conflicts, yields = self.signal.conflicts, self.signal.yields
        old = self.before.conflicts
        for a, b in zip(*conflicts.nonzero(), strict=True):
            if lights[a] != "G" or lights[b] != "G" or old[self.sources[a], self.sources[b]]:
                continue
            if not (yields[a, b] or yields[b, a]):
                raise UnsafePlanError(
                    f"program {logic.get('programID')!r} of signal {self.signal.id!r} would give "
                    f"green to {self.signal.label(int(a))} and {self.signal.label(int(b))} at "
                    "once, which cross now; rebuild the junction with a program of its own"
                )
            lights[a if yields[a, b] else b] = "g"
        return "".join(lights)


def _give_away_idle_time(logic: ET.Element) -> None:
    """Where nobody is left to go, the green before lasts on; all-red times stay as they are.

    A phase that had green or yellow for removed streams only would otherwise hold up everyone,
    and no optimiser could tell it from a clearance that somebody needs.
    """
    phases = logic.findall("phase")
    if any("next" in p.attrib for p in phases):
        return
    for k, phase in enumerate(phases):
        served = phase.get("served") == "true"
        phase.attrib.pop("served", None)
        if not served or set(phase.get("state", "")) - _DARK:
            continue
        ahead = [*phases[k + 1 :], *phases[:k]]
        green = next((p for p in reversed(ahead) if GREEN & set(p.get("state", ""))), None)
        if green is not None:
            green.set("duration", f"{_s(green) + _s(phase):g}")
            logic.remove(phase)


def _s(phase: ET.Element) -> float:
    return float(phase.get("duration", "0"))


def mark_served(logic: ET.Element) -> None:
    """Note on each phase whether anybody has green or yellow, before groups are taken away."""
    for phase in logic.findall("phase"):
        if set(phase.get("state", "")) - _DARK:
            phase.set("served", "true")


def carriers(before: Network, after: Network) -> dict[str, Carrier | None]:
    """How to carry the programs of every signal; None where it needs a new one.

    A connection takes the lights of the one between the same lanes, else of the same movement;
    a crossing those of the crossing over the same edges.
    """
    return {
        signal_id: _carrier(before.signals.get(signal_id), signal)
        for signal_id, signal in after.signals.items()
    }


def _carrier(before: Signal | None, signal: Signal) -> Carrier | None:
    if before is None:
        return None
    lanes, movements, crossings = _connection_groups(before)
    sources: list[int | None] = [None] * signal.group_count
    for movement in signal.movements:
        for connection in movement.connections:
            if connection.group is not None:
                pair = movement.from_edge, movement.to_edge
                sources[connection.group] = lanes.get(lanes_of(connection), movements.get(pair))
    for crossing in signal.crossings:
        known = crossings.get(frozenset(crossing.crossed_edges), ())
        for k, group in enumerate(crossing.groups):
            sources[group] = known[min(k, len(known) - 1)] if known else None
    used = {g for m in signal.movements for g in m.groups}
    used |= {g for c in signal.crossings for g in c.groups}
    if any(sources[g] is None for g in used):
        return None
    # A light that releases nothing stays, for the programs may count on it.
    filled = [k if s is None else s for k, s in enumerate(sources)]
    return Carrier(signal=signal, before=before, sources=tuple(filled))


def _connection_groups(
    signal: Signal,
) -> tuple[
    Mapping[tuple[str, int, str, int], int],
    Mapping[tuple[str, str], int],
    Mapping[frozenset[str], tuple[int, ...]],
]:
    lanes, movements = {}, {}
    for movement in signal.movements:
        for connection in movement.connections:
            if connection.group is not None:
                lanes[lanes_of(connection)] = connection.group
                movements[movement.from_edge, movement.to_edge] = connection.group
    crossings = {frozenset(c.crossed_edges): c.groups for c in signal.crossings}
    return lanes, movements, crossings


def lanes_of(connection: Connection) -> tuple[str, int, str, int]:
    """The edges and lanes that a connection joins."""
    c = connection
    return c.from_edge, c.from_lane, c.to_edge, c.to_lane
