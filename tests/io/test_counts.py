import subprocess
from pathlib import Path

import numpy as np
import pytest
import sumolib
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from signalopt.errors import InputError
from signalopt.io.counts import read_counts
from signalopt.io.scenario import load_scenario


@pytest.fixture(scope="module")
def arterial():
    return load_scenario(Path(__file__).resolve().parents[2] / "scenarios" / "arterial")


def write(path, rows, header="time,movement,count"):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_reads_a_table_of_several_days(tmp_path):
    rows = [
        f"{day},{h:02d}:{m:02d},{name},{n}"
        for day in ("Mon", "Tue")
        for h in (7, 8)
        for m in (0, 15, 30, 45)
        for name, n in (("a>b", 10 + h), ("c>d", m))
    ]
    found = read_counts(write(tmp_path / "week.csv", rows, "day,time,movement,count"))
    assert [d.name for d in found] == ["Mon", "Tue"]
    assert found[0].names == ("a>b", "c>d")
    assert (found[0].begin_s, found[0].interval_s) == (25200, 900)
    assert found[1].flow_vph[:, 0].tolist() == [68] * 4 + [72] * 4
    assert found[1].flow_vph[1].tolist() == [68, 60]


@settings(deadline=None, max_examples=20)
@given(arrays(float, st.tuples(st.just(12), st.integers(1, 3)), elements=st.integers(0, 99)))
def test_short_intervals_add_up(tmp_path_factory, counts):
    path = tmp_path_factory.mktemp("counts") / "c.csv"
    rows = [f"{300 * k},d{j},{n:g}" for k, row in enumerate(counts) for j, n in enumerate(row)]
    (day,) = read_counts(write(path, rows, "time,detector,count"))
    assert day.flow_vph.sum() / 4 == pytest.approx(counts.sum())
    assert day.flow_vph == pytest.approx(counts.reshape(4, 3, -1).sum(axis=1) * 4)


def test_reads_what_sumo_detectors_write(tmp_path, arterial):
    """Every vehicle that SUMO inserts on a road with one way passes its detectors."""
    edge = "W_A1"
    extra = tmp_path / "detectors.add.xml"
    extra.write_text(
        "<additional>"
        + "".join(
            f'<inductionLoop id="e1_{k}" lane="{edge}_{k}" pos="50" period="300" file="e1.xml"/>'
            f'<laneAreaDetector id="e2_{k}" lane="{edge}_{k}" pos="20" length="40" period="300" '
            'file="e2.xml"/>'
            for k in (1, 2)
        )
        + "</additional>"
    )
    files = [extra, *arterial.additional_paths]
    subprocess.run(
        [
            *(sumolib.checkBinary("sumo"), "-n", arterial.network_path),
            *("-r", ",".join(map(str, arterial.route_paths)), "-a", ",".join(map(str, files))),
            *("-b", "25200", "-e", "27000", "--no-step-log", "--no-warnings"),
        ],
        check=True,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
    (loops,), (areas,) = read_counts(tmp_path / "e1.xml"), read_counts(tmp_path / "e2.xml")
    assert loops.names == ("e1_1", "e1_2")
    assert (loops.begin_s, loops.intervals) == (25200, 2)
    assert loops.total_vph.min() > 600
    assert np.abs(loops.total_vph - areas.total_vph).max() <= 8 * 4


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        (["0,a,1"], "time,movement,vehicles", "no column 'count'"),
        (["0,1"], "time,count", "no column 'movement'"),
        ([], "time,movement,count", "hold no count"),
        (["25:00,a,1"], "time,movement,count", "line 2: time is '25:00'"),
        (["x,a,1"], "time,movement,count", "HH:MM"),
        (["0,a,-1"], "time,movement,count", "at least 0"),
        (["0,a,many"], "time,movement,count", "'many'"),
        (["0,a,1", "0,a,2"], "time,movement,count", "counted twice"),
        (["0,a,1", "900,b,2"], "time,movement,count", "'a' has no count at 900 s"),
        (["0,a,1", "900,a,1", "2700,a,1"], "time,movement,count", "not all of one length"),
        (["0,a,1", "1800,a,1"], "time,movement,count", "choose another interval"),
        (["0,a,1"], "time,movement,count", "not all of one length"),
    ],
)
def test_says_what_is_wrong_with_a_table(tmp_path, rows, header, words):
    with pytest.raises(InputError, match=words):
        read_counts(write(tmp_path / "c.csv", rows, header))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.txt", "", "neither .csv nor .xml"),
        ("c.xml", "<detector/>", "hold no count"),
        ("c.xml", '<d><interval begin="0" end="900" id="a"/></d>', "E1 or E2"),
        ("c.xml", '<d><interval begin="x" end="900" id="a" nVehContrib="1"/></d>', "begin is 'x'"),
        ("c.xml", "<d><interval", "not well-formed"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_counts(path)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "c.csv"
    path.write_bytes(b"time,movement,count\n0,\xff,1\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_counts(path)
