"""A small signal whose limits are worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from signalopt.io.sumo_plan import read_programs
from signalopt.io.sumo_states import lights_of
from signalopt.model.movement import Approach, Connection, Crossing, Movement, Turn
from signalopt.model.network import Signal
from signalopt.model.scenario import Constraints
from signalopt.safety.guard import check_program
from signalopt.safety.limits import NEVER_S, SignalLimits, signal_limits

CARS = frozenset({"passenger"})

# Group 0 runs west to east, group 1 south to north, group 2 is the crossing of the western arm.
RUNNING = [
    (30, "Grr"),
    (3, "yrr"),
    (2, "rrr"),
    (20, "rGG"),
    (8, "rGr"),
    (4, "ryr"),
    (1, "rrr"),
]


def _approach(edge, to, group, heading):
    connection = Connection(
        junction_id="X",
        junction_index=group,
        from_edge=edge,
        from_lane=0,
        to_edge=to,
        to_lane=0,
        turn=Turn.STRAIGHT,
        length_m=14.0,
        speed_mps=14.0,
        has_priority=True,
        allowed=CARS,
        signal_id="X",
        group=group,
    )
    movement = Movement(
        junction_id="X", from_edge=edge, to_edge=to, turn=Turn.STRAIGHT, connections=(connection,)
    )
    return Approach(
        edge_id=edge,
        junction_id="X",
        name="",
        heading_deg=heading,
        speed_mps=14.0,
        lane_count=1,
        movements=(movement,),
        storage_m=((0, 200.0),),
    )


@pytest.fixture(scope="session")
def crossroads():
    """Groups 0 and 1 cross, the crossing 2 is on the way of group 0."""
    conflicts = np.zeros((3, 3), dtype=bool)
    for a, b in ((0, 1), (0, 2)):
        conflicts[a, b] = conflicts[b, a] = True
    return Signal(
        id="X",
        junction_ids=("X",),
        group_count=3,
        approaches=(_approach("W", "E", 0, 90.0), _approach("S", "N", 1, 0.0)),
        crossings=(
            Crossing(
                id=":X_c0",
                junction_id="X",
                crossed_edges=("W",),
                length_m=9.6,
                signal_id="X",
                groups=(2,),
            ),
        ),
        conflicts=conflicts,
        yields=np.zeros((3, 3), dtype=bool),
    )


def logic(phases, *, signal="X", offset=0, kind="static"):
    body = "".join(f'<phase duration="{d}" state="{s}"/>' for d, s in phases)
    head = f'<tlLogic id="{signal}" type="{kind}" programID="t" offset="{offset}">'
    return f"<additional>{head}{body}</tlLogic></additional>"


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """A program from its phases, read as a user's file is."""
    path = tmp_path_factory.mktemp("safety") / "program.add.xml"

    def read(phases, *, signal="X", **options):
        path.write_text(logic(phases, signal=signal, **options))
        return read_programs([path]).programs[signal]

    return read


@pytest.fixture(scope="session")
def judged(crossroads, program):
    """The crossroads with its running program, its limits, and a judge of other programs."""
    running = program(RUNNING)
    limits = signal_limits(crossroads, running, Constraints(min_cycle_s=40, max_cycle_s=120))

    def judge(phases, **options):
        return [str(f) for f in check_program(program(phases, **options), limits)]

    return SimpleNamespace(running=running, phases=list(RUNNING), limits=limits, judge=judge)


@pytest.fixture(scope="session")
def make_limits():
    """Limits from matrices alone, for groups that release nothing."""

    def make(conflicts, *, yellow_s, clearance_s, red_yellow_s=None, min_green_s=5):
        n = len(conflicts)
        signal = Signal(
            id="M",
            junction_ids=("M",),
            group_count=n,
            approaches=(),
            crossings=(),
            conflicts=conflicts,
            yields=np.zeros((n, n), dtype=bool),
        )
        return SignalLimits(
            signal=signal,
            group_count=n,
            conflicts=conflicts,
            served=np.ones(n, dtype=bool),
            always_green=np.zeros(n, dtype=bool),
            pedestrian=np.zeros(n, dtype=bool),
            min_green_s=np.full(n, min_green_s),
            todays_green_s=np.full(n, NEVER_S),
            yellow_s=np.array(yellow_s),
            red_yellow_s=np.array(red_yellow_s or [0] * n),
            clearance_s=np.where(conflicts, clearance_s, 0),
            together=np.zeros((n, n), dtype=bool),
            both_protected=np.zeros((n, n), dtype=bool),
            min_stage_s=5,
            min_cycle_s=10,
            max_cycle_s=10_000,
        )

    return make


@pytest.fixture(scope="session")
def lights():
    return lights_of
