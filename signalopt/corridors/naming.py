"""Corridors that somebody names: by their signals, by two ends, or by a street."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeAlias

from signalopt.corridors.paths import Gate, Ways
from signalopt.errors import InputError
from signalopt.model.corridor import Corridor, direction_along
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from signalopt.model.corridor import Direction
    from signalopt.model.network import Network
    from signalopt.model.scenario import Scenario

    By: TypeAlias = Literal["shortest", "most_used"]

MOST_DETOUR = 1.5
"""A way back that is longer than this many times the way out belongs to another road."""


def corridor_of_signals(network: Network, signal_ids: Sequence[str], *, name: str = "") -> Corridor:
    """The corridor past some signals in order.

    The signals need not be neighbours: the shortest way between them is taken, and signals on it
    become part of the corridor. The way back passes the same signals in the opposite order, if
    there is one that is not much longer.

    Parameters
    ----------
    network
        The roads.
    signal_ids
        At least two different signals.
    name
        Name of the corridor; first and last signal if empty.

    Raises
    ------
    InputError
        If a signal is unknown or named twice, or no way leads from one to the next.
    """
    names = list(signal_ids)
    unknown = [s for s in names if s not in network.signals]
    if unknown:
        raise InputError(
            f"network {network.name} has no signal {unknown[0]!r}; "
            + did_you_mean(unknown[0], network.signals, "name signals that it has")
        )
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            f"a corridor needs at least two different signals, got {', '.join(names)!r}; "
            "name each once, in order of travel"
        )
    ways = Ways(network)
    found = ways.shortest([ways.gate(s) for s in names])
    if isinstance(found, Gate):
        raise InputError(
            f"no way for cars leads along the signals {', '.join(names)}: {found.label} cannot be "
            "reached from the one before it; check their order"
        )
    return _corridor(ways, found, name)


def corridor_between(
    scenario: Scenario, start: str, end: str, *, by: By = "shortest", name: str = ""
) -> Corridor:
    """The corridor along the way from one place to another.

    Parameters
    ----------
    scenario
        The roads, and who drives on them.
    start, end
        Ids of signals, junctions or edges; the corridor's signals are those on the way.
    by
        ``shortest``: the way with the least free-flow time; ``most_used``: the way that most
        vehicles of the window take from the one to the other.
    name
        Name of the corridor; first and last signal if empty.

    Raises
    ------
    InputError
        If an end is unknown, no way leads from one to the other, nobody drives it, or it passes
        fewer than two signals.
    """
    network = scenario.network
    ways = Ways(network)
    gates = [_place(ways, start), _place(ways, end)]
    if start == end:
        raise InputError(f"a corridor from {start!r} to itself has no length; name two places")
    found = ways.shortest(gates)
    if isinstance(found, Gate):
        raise InputError(
            f"no way for cars leads from {gates[0].label} to {gates[1].label}; "
            "try the other order, or other ends"
        )
    if by == "most_used":
        found = _most_used(scenario, *gates)
    passed = {network.movements[p].signal_id for p in itertools.pairwise(found)} - {None}
    if len(passed) < 2:
        raise InputError(
            f"the way from {gates[0].label} to {gates[1].label} passes {len(passed)} signals; "
            "a corridor needs at least two"
        )
    return _corridor(ways, found, name)


def corridor_on_street(network: Network, street: str) -> Corridor:
    """The corridor along a street, by the name that its edges carry.

    If the street lies in pieces, the one with the most signals is taken.

    Raises
    ------
    InputError
        If no edge carries the name, or no piece of the street passes two signals.
    """
    wanted = street.casefold()
    edges = {e.id for e in network.edges.values() if e.name.casefold() == wanted}
    if not wanted or not edges:
        raise InputError(f"network {network.name} has no street {street!r}; check its name")
    ways = Ways(network)
    pieces = [_whole(ways, piece) for piece in _pieces(ways, edges)]
    signals = [_signals(network, piece) for piece in pieces]
    best = max(range(len(pieces)), key=lambda k: (len(signals[k]), pieces[k]), default=-1)
    if best < 0 or len(signals[best]) < 2:
        raise InputError(
            f"street {street!r} of network {network.name} passes fewer than two signals"
        )
    return _corridor(ways, pieces[best], network.edges[min(edges)].name)


def _corridor(ways: Ways, path: Sequence[str], name: str) -> Corridor:
    """The corridor along a path, with the way back if there is one."""
    network = ways.network
    edges = ways.widened(_trimmed(network, path))
    passed = _signals(network, edges)
    twice = [s for s, count in Counter(passed).items() if count > 1]
    if twice:
        raise InputError(
            f"the way past {', '.join(passed)} comes to signal {twice[0]!r} twice; "
            "name fewer signals, or check their order"
        )
    outbound = direction_along(network, edges)
    signal_ids = outbound.signals
    return Corridor(
        name=name or f"{signal_ids[0]}-{signal_ids[-1]}",
        signal_ids=signal_ids,
        outbound=outbound,
        inbound=way_back(ways, outbound),
    )


def way_back(ways: Ways, outbound: Direction) -> Direction | None:
    """The shortest way past the same signals in the opposite order, if it is the same road."""
    found = ways.shortest([ways.gate(s) for s in reversed(outbound.signals)])
    if isinstance(found, Gate):
        return None
    path = ways.widened(_trimmed(ways.network, found))
    if _signals(ways.network, path) != outbound.signals[::-1]:
        return None
    inbound = direction_along(ways.network, path)
    return inbound if inbound.length_m <= MOST_DETOUR * outbound.length_m else None


def _trimmed(network: Network, path: Sequence[str]) -> Sequence[str]:
    """The path from before its first stop line to behind its last."""
    pairs = enumerate(itertools.pairwise(path))
    at = [k for k, pair in pairs if network.movements[pair].signal_id is not None]
    return path[at[0] : at[-1] + 2]


def _signals(network: Network, path: Iterable[str]) -> tuple[str, ...]:
    """The signals that a path passes, one after the other."""
    passed = (network.movements[pair].signal_id for pair in itertools.pairwise(path))
    return tuple(str(s) for s, _ in itertools.groupby(s for s in passed if s is not None))


def _place(ways: Ways, name: str) -> Gate:
    network = ways.network
    if name in network.signals:
        return ways.gate(name)
    if name in network.junctions:
        signal_id = network.graph.nodes[name]["signal_id"]
        if signal_id is not None:
            return ways.gate(signal_id, name)
        near = [e.id for e in network.edges.values() if name in (e.from_junction, e.to_junction)]
        return Gate(label=f"junction {name!r}", edges=tuple(near))
    if name in network.edges:
        return Gate(label=f"edge {name!r}", edges=(name,))
    known = (*network.signals, *network.junctions, *network.edges)
    raise InputError(
        f"network {network.name} has no signal, junction or edge {name!r}; "
        + did_you_mean(name, known, "check the id")
    )


def _most_used(scenario: Scenario, start: Gate, end: Gate) -> tuple[str, ...]:
    """The way from one place to another that most vehicles due in the window take."""
    vehicles = scenario.demand.vehicles
    due = vehicles["depart_s"].between(scenario.begin_s, scenario.end_s, inclusive="left")
    taken: Counter[tuple[str, ...]] = Counter()
    for number, count in vehicles.loc[due, "route"].value_counts().items():
        route = scenario.demand.routes[int(str(number))]
        begins, ends = list(_visits(route, start)), list(_visits(route, end))
        ways = [(b, e) for _, b in begins for e, _ in ends if e >= b]
        if ways:  # the last time it leaves the one before it first reaches the other
            at = min(ways, key=lambda way: way[1] - way[0])
            taken[route[at[0] - bool(start.movements) : at[1] + 1 + bool(end.movements)]] += count
    if not taken:
        raise InputError(
            f"nobody drives from {start.label} to {end.label} in the window; take the shortest way"
        )
    return max(taken.items(), key=lambda item: (item[1], item[0]))[0]


def _visits(route: Sequence[str], gate: Gate) -> Iterator[tuple[int, int]]:
    """Positions on a route of the edges at which it reaches and leaves a gate."""
    pairs, edges = set(gate.movements), set(gate.edges)
    for k, edge in enumerate(route):
        if edge in edges:
            yield k, k
        if k + 1 < len(route) and (edge, route[k + 1]) in pairs:
            yield k, k + 1


def _pieces(ways: Ways, edges: set[str]) -> list[tuple[str, ...]]:
    """Chains of edges of one street, each edge in one of them."""
    after: dict[str, str] = {}
    before: dict[str, str] = {}
    steps = [(a, b) for a, b in ways.graph.edges if a in edges and b in edges]
    for a, b in sorted(steps, key=lambda step: (ways.turn_cost_s(step), step)):
        if a not in after and b not in before:
            after[a], before[b] = b, a
    heads = sorted(edges - before.keys())
    seen: set[str] = set()
    pieces = []
    for head in (*heads, *sorted(edges)):  # the latter for a street that is a ring
        chain: list[str] = []
        edge: str | None = head
        while edge is not None and edge not in seen:
            seen.add(edge)
            chain.append(edge)
            edge = after.get(edge)
        if chain:
            pieces.append(tuple(chain))
    return pieces


def _whole(ways: Ways, piece: tuple[str, ...]) -> tuple[str, ...]:
    """A piece of a street with the edge before it and the one behind it, as far as there are."""
    network = ways.network
    into = [(a, b) for a, b in ways.graph.in_edges(piece[0])] if piece[0] in ways.graph else []
    out = [(a, b) for a, b in ways.graph.out_edges(piece[-1])] if piece[-1] in ways.graph else []
    first = [a for a, b in sorted(into, key=lambda p: (ways.turn_cost_s(p), p)) if a not in piece]
    last = [b for a, b in sorted(out, key=lambda p: (ways.turn_cost_s(p), p)) if b not in piece]
    if first and network.movements[first[0], piece[0]].signal_id is not None:
        piece = (first[0], *piece)
    if last and network.movements[piece[-1], last[0]].signal_id is not None:
        piece = (*piece, last[0])
    return piece
