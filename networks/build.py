"""Rebuild the bundled networks and scenarios: ``python -m networks.build [name ...]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from networks import arterial, city, grid, plain, running

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent


class _Recipe(Protocol):
    NAME: str

    def describe(self) -> plain.PlainNetwork: ...
    def write_scenario(self, network: plain.PlainNetwork, folder: Path) -> dict[str, int]: ...


RECIPES: dict[str, _Recipe] = {module.NAME: module for module in (arterial, grid, city)}


def build(name: str, root: Path = ROOT) -> None:
    """Write sources, network, demand and running programs of one bundled network."""
    recipe = RECIPES[name]
    network = recipe.describe()
    folder = root / "networks" / name
    plain.write_sources(network, folder)
    plain.run_netconvert(network, folder)
    trips = recipe.write_scenario(network, root / "scenarios" / name)
    running.write_programs(root / "scenarios" / name)
    signals = sum(node.kind == "traffic_light" for node in network.nodes.values())
    edges = sum(len(road.edges) for road in network.roads)
    print(f"{name}: {signals} signals, {edges} edges, trips {trips}")


def main(names: Sequence[str]) -> int:
    """Build the named networks, or all of them."""
    unknown = sorted(set(names) - set(RECIPES))
    if unknown:
        print(f"unknown network {unknown[0]!r}; choose from {', '.join(RECIPES)}", file=sys.stderr)
        return 2
    for name in names or RECIPES:
        build(name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
