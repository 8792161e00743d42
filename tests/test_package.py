"""What ``import signalopt`` offers, and what it costs."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import signalopt as so

HEAVY = (
    "matplotlib", "numba", "libsumo", "traci", "sumolib", "click", "rich", "pandas", "scipy",
    "numpy", "networkx", "pydantic",
)  # fmt: skip


@pytest.mark.parametrize("name", so.__all__)
def test_every_public_name_resolves(name):
    assert getattr(so, name) is not None
    assert getattr(so, name) is getattr(so, name)


def test_dir_lists_the_public_names():
    assert dir(so) == sorted(so.__all__)
    assert len(set(so.__all__)) == len(so.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'signalopt' has no attribute 'optimize'"):
        so.optimize  # noqa: B018


def test_public_functions_and_classes_have_examples_or_at_least_words():
    for name in so.__all__:
        assert (getattr(so, name).__doc__ or "").strip(), name


def test_errors_carry_their_exit_codes():
    codes = {e.__name__: e.exit_code for e in so.SignaloptError.__subclasses__()}
    assert codes == {"InputError": 3, "UnsafePlanError": 4, "SimulationError": 6, "StorageError": 8}


def loaded_by(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout)).intersection(HEAVY)


def test_import_is_light():
    assert loaded_by("import signalopt") == set()


def test_pictures_load_matplotlib_and_no_engine():
    found = loaded_by("import signalopt.plotting")
    assert "matplotlib" in found
    assert not found & {"libsumo", "traci", "sumolib", "numba", "click", "rich", "networkx"}


def test_the_verbs_load_neither_shell_nor_simulator():
    found = loaded_by("import signalopt as so; so.load, so.optimise, so.evaluate, so.export")
    assert not found & {"libsumo", "traci", "click", "rich", "matplotlib", "numba"}


def nouns(scenario):
    """One of every noun that a scenario holds, and of those that the package exports."""
    signal = next(iter(scenario.network.signals.values()))
    corridor = so.corridor(scenario, "main")
    approach = signal.approaches[0]
    return [
        scenario, scenario.network, scenario.demand, scenario.plan, scenario.constraints,
        scenario.objective, scenario.benefit, scenario.plan.schedule, signal, approach,
        approach.movements[0], approach.movements[0].connections[0], signal.crossings[0],
        scenario.network.edges[approach.edge_id], scenario.network.junctions[signal.junction_ids[0]],
        scenario.network.edges[approach.edge_id].lanes[0], scenario.plan.plans["A1"],
        scenario.plan.plans["A1"].stages[0], scenario.plan.plans["A1"].transitions[0],
        corridor, corridor.outbound, so.evaluate_hcm(scenario), so.MaxEvaluations(3),
        *scenario.demand.types.values(),
    ]  # fmt: skip


def test_every_noun_shows_itself_in_a_notebook():
    """As well-formed HTML that tells it from others of its kind."""
    scenario = so.load(Path(__file__).resolve().parents[1] / "scenarios" / "arterial")
    seen = set()
    for noun in nouns(scenario):
        html = noun._repr_html_()
        ET.fromstring(f"<div>{html}</div>")
        assert "<table" in html, type(noun)
        assert " object at 0x" not in html
        seen.add(html)
    assert len(seen) == len(nouns(scenario))


@pytest.mark.parametrize(
    "name", [n for n in so.__all__ if n[0].isupper() and not n.endswith("Error") and n != "AnyOf"]
)
def test_exported_classes_have_a_table_for_notebooks(name):
    assert hasattr(getattr(so, name), "_repr_html_"), name
