"""The examples of the gallery run as they stand."""

import re
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import signalopt as so
from signalopt import plotting

PAGE = "docs/gallery.md"


@pytest.fixture
def example_data(arterial, make_evaluation):
    """What the page takes as given: results of runs."""
    lanes = pd.DataFrame(
        {"delay_s": [5.0, 9.0]},
        index=pd.MultiIndex.from_tuples([("A1_A2", 0), ("A1_A2", 1)], names=["edge_id", "lane"]),
    )
    junctions = pd.DataFrame({"degree_of_saturation": [0.9]}, index=["A1"])
    runs = make_evaluation([60.0, 61.0]).runs
    result = SimpleNamespace(lanes=lanes, junctions=junctions, runs=runs)
    curve = {"bandwidth_s": [0, 5], "delay_s_per_veh": [50, 55], "stops_per_veh": [2.0, 1.9]}
    history = {"evaluation": [1], "source": ["running"], "objective": [5.0], "best": [5.0]}
    return {
        "arrivals_s": np.arange(25_200, 25_800, 7.0),
        "in_vph": np.full(40, 500.0),
        "out_vph": np.full(40, 500.0),
        "curve": pd.DataFrame(curve),
        "before": result,
        "after": result,
        "trips_before_s": [20.0, 40.0],
        "trips_after_s": [10.0, 50.0],
        "result": SimpleNamespace(history=pd.DataFrame(history)),
        "queues": pd.DataFrame({"time_s": [0, 1], "lane": [1, 1], "queue_m": [0, 7]}),
    }


def test_the_examples_run(example_data, arterial, tmp_path, monkeypatch, request):
    page = (request.config.rootpath / PAGE).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(so, "load", lambda _: arterial)
    drawn = []
    for name in (n for n in plotting.__all__ if n.startswith("plot_")):
        function = getattr(plotting, name)

        def spy(*arguments, _function=function, _name=name, **more):
            ax = _function(*arguments, **more)
            assert isinstance(ax, Axes)
            drawn.append(_name)
            plt.close(ax.figure)
            return ax

        monkeypatch.setattr(plotting, name, spy)
    space = dict(example_data)
    for block in blocks:
        exec(block, space)
    assert sorted(set(drawn)) == sorted(n for n in plotting.__all__ if n.startswith("plot_"))
    assert (tmp_path / "time_space.svg").stat().st_size > 0


def test_pictures_of_the_gallery_are_small(request):
    for path in (request.config.rootpath / "docs/gallery").iterdir():
        assert path.stat().st_size < 65_000, path.name
