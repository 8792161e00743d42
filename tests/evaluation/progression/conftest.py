"""A road past three signals with side streets, and plans of two stages for it."""

from dataclasses import dataclass

import pytest

from signalopt.corridors.naming import corridor_of_signals
from signalopt.io.scenario import load_files
from signalopt.model.control import Aspect, Interval, Stage, Transition
from signalopt.model.plan import SignalPlan

SPACING_M = 400
LETTERS = {"G": Aspect.GREEN, "y": Aspect.YELLOW, "r": Aspect.RED}
SIGNALS = ("A", "B", "C")


@dataclass(frozen=True)
class Road:
    net: object
    network: object
    plans: object
    corridor: object

    def plan(self, *timings, cycle_s=80):
        """Plans by (green of the road [s], its start in the cycle [s]); the rest is for others.

        Four seconds of yellow end the green; the side street has green up to 4 s before the next.
        """
        built = []
        for signal_id, (green_s, start_s) in zip(SIGNALS, timings, strict=True):
            shown = self.plans.programs[signal_id]
            main = {
                g for way in self.corridor.directions.values()
                for s, groups in zip(way.signal_ids, way.groups, strict=True) if s == signal_id
                for g in groups
            }  # fmt: skip
            groups = range(shown.group_count)

            def lights(on, off, main=main, groups=groups):
                return tuple(LETTERS[on if g in main else off] for g in groups)

            side_s = cycle_s - green_s - 8
            built.append(
                SignalPlan(
                    signal_id=signal_id,
                    program_id="test",
                    offset_s=start_s % cycle_s,
                    stages=(
                        Stage(lights=lights("G", "r"), green_s=green_s),
                        Stage(lights=lights("r", "G"), green_s=side_s),
                    ),
                    transitions=tuple(
                        Transition(intervals=(Interval(duration_s=4, lights=lights(*seen)),))
                        for seen in ("yr", "ry")
                    ),
                )
            )
        return self.plans.with_plans(built)


@pytest.fixture(scope="session")
def road(make_net, bundle):
    """W - A - B - C - E, 400 m apart, one lane each way, only straight traffic."""
    at = {n: k * SPACING_M for k, n in enumerate("WABCE")}
    kinds = dict.fromkeys(SIGNALS, 'type="traffic_light"')
    nodes = "".join(f'<node id="{n}" x="{x}" y="0" {kinds.get(n, "")}/>' for n, x in at.items())
    nodes += "".join(
        f'<node id="{s}{k}" x="{at[s]}" y="{y}"/>'
        for s in SIGNALS
        for k, y in (("n", 200), ("s", -200))
    )
    pairs = ["W A", "A B", "B C", "C E", *(f"{s}{k} {s}" for s in SIGNALS for k in "ns")]
    edges = "".join(
        f'<edge id="{a}{b}" from="{a}" to="{b}" numLanes="1" speed="12.5"/>'
        for pair in map(str.split, pairs)
        for a, b in (pair, pair[::-1])
    )
    ways = [("W", "A", "B"), ("A", "B", "C"), ("B", "C", "E")]
    ways += [(f"{s}n", s, f"{s}s") for s in SIGNALS]
    connections = "".join(
        f'<connection from="{a}{b}" to="{b}{c}"/>' for w in ways for a, b, c in (w, w[::-1])
    )
    net = make_net("road", nodes=nodes, edges=edges, connections=connections)
    read = bundle(net)
    return Road(
        net, read.network, read.plans, corridor_of_signals(read.network, SIGNALS, name="road")
    )


@pytest.fixture(scope="session")
def load_road(road, tmp_path_factory):
    """A scenario on the road from (departure, edges) of its vehicles."""

    def load(vehicles, *, end_s, types='<vType id="car" length="5" minGap="2.5"/>', more=""):
        rows = "".join(
            f'<vehicle id="v{k}" type="car" depart="{t:.2f}" {more}><route edges="{way}"/></vehicle>'
            for k, (t, way) in enumerate(sorted(vehicles))
        )
        path = tmp_path_factory.mktemp("demand") / "demand.rou.xml"
        path.write_text(f"<routes>{types}{rows}</routes>")
        return load_files(road.net, (path,), end_s=end_s, name="road")

    return load
