"""Pictures without a screen: the bundled arterial, plans of all kinds, artists by their names."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import strategies as st

import signalopt as so
from signalopt.evaluation.result import RUN_COLUMNS, Evaluation, table
from signalopt.model.control import Aspect, Interval, Stage, Transition
from signalopt.model.plan import SignalPlan

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _paper():
    """No window opens, and no figure is left for the next test."""
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def arterial():
    return so.load(ROOT / "scenarios" / "arterial")


def _named(ax, start):
    """The artists on axes whose name begins so, by name."""
    found = ax.findobj(lambda a: a.get_gid() and a.get_gid().startswith(start))
    return {a.get_gid(): a for a in found}


@pytest.fixture(scope="session")
def named():
    return _named


def _spans(collection):
    """(start, end, low, high) of every bar of a broken_barh."""
    boxes = [p.get_extents() for p in collection.get_paths()]
    return [(b.x0, b.x1, b.y0, b.y1) for b in boxes]


@pytest.fixture(scope="session")
def spans():
    return _spans


@pytest.fixture
def words():
    """All that is written on axes."""

    def read(ax):
        texts = [t.get_text() for t in ax.figure.findobj(mpl.text.Text)]
        return "\n".join(texts)

    return read


def evaluation(delays_s, first_seed=1):
    """An evaluation of which only the delay is known."""
    rows = [{"seed": first_seed + k, "delay_s_per_veh": d} for k, d in enumerate(delays_s)]
    return Evaluation(runs=table(rows, ["seed"], RUN_COLUMNS))


@pytest.fixture(scope="session")
def make_evaluation():
    return evaluation


_ASPECTS = (Aspect.RED, Aspect.YELLOW, Aspect.PERMISSIVE, Aspect.GREEN)


def draw_plan(draw, groups):
    """Any fixed-time plan, sensible or not, for some groups."""
    lights = st.tuples(*[st.sampled_from(_ASPECTS)] * groups)
    interval = st.builds(Interval, duration_s=st.integers(1, 9), lights=lights)
    n = draw(st.integers(1, 4))
    stages = [Stage(lights=draw(lights), green_s=draw(st.integers(1, 40))) for _ in range(n)]
    transitions = [
        Transition(intervals=tuple(draw(st.lists(interval, max_size=3)))) for _ in range(n)
    ]
    cycle_s = sum(s.green_s for s in stages) + sum(t.duration_s for t in transitions)
    return SignalPlan(
        signal_id="J",
        program_id="p",
        offset_s=draw(st.integers(0, cycle_s - 1)),
        stages=tuple(stages),
        transitions=tuple(transitions),
    )


@pytest.fixture(scope="session")
def any_plan():
    """Strategy of plans for three groups."""

    @st.composite
    def plans(draw):
        return draw_plan(draw, 3)

    return plans()


@pytest.fixture
def rng():
    return np.random.default_rng(7)
