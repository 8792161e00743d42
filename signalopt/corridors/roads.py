"""Roads that go straight on: every edge in at most one, and the links between signals on them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.model.corridor import direction_along
from signalopt.model.movement import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from signalopt.corridors.paths import Ways
    from signalopt.model.corridor import Direction, Pair

_BENT = (Turn.PARTIAL_LEFT, Turn.PARTIAL_RIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The way from one signal to the next one on a road.

    Attributes
    ----------
    from_signal, to_signal
        The two signals.
    road, begin, end
        The road's number, and the positions on it of the edges before the first and before the
        second stop line.
    """

    from_signal: str
    to_signal: str
    road: int
    begin: int
    end: int


class Roads:
    """All roads of a network.

    Where several edges could continue a road, the busiest straight movement does; of two roads
    that merge, the busier goes on. Where a road ends at a signal, the edge before or behind it is
    that of the busiest turn, so that its stop line counts; this edge belongs to another road too.

    Parameters
    ----------
    ways
        The ways through the network.
    flows_vph
        Flow of each movement at a signal [veh/h].
    """

    def __init__(self, ways: Ways, flows_vph: Mapping[Pair, float]) -> None:
        self._network = ways.network
        self.paths = [_with_ends(ways, flows_vph, path) for path in _chains(ways, flows_vph)]
        self.links = tuple(
            link for number, path in enumerate(self.paths) for link in self._links(number, path)
        )

    def _links(self, number: int, path: tuple[str, ...]) -> Iterator[Link]:
        movements = self._network.movements
        at = [
            (k, str(movements[pair].signal_id))
            for k, pair in enumerate(itertools.pairwise(path))
            if movements[pair].signal_id is not None
        ]
        for (begin, here), (end, there) in itertools.pairwise(at):
            if here != there:
                yield Link(from_signal=here, to_signal=there, road=number, begin=begin, end=end)

    def direction(self, first: Link, last: Link) -> Direction:
        """The direction of travel from the beginning of one link to the end of another.

        All stop lines of the first and the last signal are part of it.
        """
        path = self.paths[first.road]
        begin, end = first.begin, last.end
        while (more := self._other(path, begin, -1, first.from_signal)) is not None:
            begin = more
        while (more := self._other(path, end, 1, last.to_signal)) is not None:
            end = more
        return direction_along(self._network, path[begin : end + 2])

    def _other(self, path: tuple[str, ...], at: int, step: int, signal_id: str) -> int | None:
        """Position of the next stop line on, or back, if it belongs to the same signal."""
        k = at + step
        while 0 <= k < len(path) - 1:
            found = self._network.movements[path[k], path[k + 1]].signal_id
            if found is not None:
                return k if found == signal_id else None
            k += step
        return None


def _chains(ways: Ways, flows_vph: Mapping[Pair, float]) -> list[tuple[str, ...]]:
    """Edges joined by the movements that go straight on, each edge once."""
    after: dict[str, str] = {}
    before: dict[str, str] = {}
    for a, b in _onward(ways, flows_vph):
        if a not in after and b not in before and not _closes(after, a, b):
            after[a], before[b] = b, a
    chains = []
    for head in sorted(after.keys() - before.keys()):
        chain = [head]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        chains.append(tuple(chain))
    return chains


def _with_ends(
    ways: Ways, flows_vph: Mapping[Pair, float], path: tuple[str, ...]
) -> tuple[str, ...]:
    """The path with the edges beyond its ends, where signals release the turns there."""
    into, out = ways.graph.in_edges(path[0]), ways.graph.out_edges(path[-1])
    before = _busiest(ways, flows_vph, [pair for pair in into if pair[0] not in path])
    behind = _busiest(ways, flows_vph, [pair for pair in out if pair[1] not in path])
    return (*(before[:1] if before else ()), *path, *(behind[1:] if behind else ()))


def _busiest(ways: Ways, flows_vph: Mapping[Pair, float], pairs: Sequence[Pair]) -> Pair | None:
    at_signal = [p for p in pairs if ways.network.movements[p].signal_id is not None]
    return max(
        at_signal, key=lambda p: (flows_vph.get(p, 0.0), -ways.turn_cost_s(p), p), default=None
    )


def _closes(after: Mapping[str, str], a: str, b: str) -> bool:
    """Whether joining a to b would close a ring; it is left open there."""
    while b in after:
        b = after[b]
    return a == b


def _onward(ways: Ways, flows_vph: Mapping[Pair, float]) -> list[Pair]:
    """Movements that may continue a road: straight ones first, by flow and lanes."""
    ranked = []
    for a in ways.graph:
        out = [ways.network.movements[pair] for pair in ways.graph.out_edges(a)]
        straight = [m for m in out if m.turn is Turn.STRAIGHT]
        bent = [m for m in out if m.turn in _BENT]
        only = out if len(out) == 1 and out[0].signal_id is None else []
        rank = 0 if straight else 1
        for m in straight or only or bent:
            pair = (m.from_edge, m.to_edge)
            ranked.append((rank, -flows_vph.get(pair, 0.0), -len(m.lanes), pair))
    return [pair for *_, pair in sorted(ranked)]
