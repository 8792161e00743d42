"""retiming.toml: every mistake gets its key, its line and what to do."""

import re

import pytest

from signalopt.batch.job_toml import known_keys, read_job
from signalopt.batch.periods import periods_of
from signalopt.errors import InputError

GOOD = """\
folder = "state"
cluster = "tcp://localhost:8786"

[networks.town]
scenario = "town"
periods = ["am", "night"]
corridors = ["main"]
demand = ["today.rou.xml"]
counts = "counts.csv"
performance = "delay.csv"
band_share = 0.8

[periods.night]
begin_s = 79200
end_s = 86400

[objective]
prefer = "persons"

[limits]
evaluations = 20
time_s = 60.0
seed = 3
tasks = 2

[thresholds]
min_gain = 0.05
max_geh = 4

[apply]
policy = "proposed"
folder = "in_force"
"""


def test_good_file(write):
    path = write("retiming.toml", GOOD)
    job = read_job(path)
    assert job.path == path
    assert job.state == path.parent / "state"
    assert job.in_force == path.parent / "in_force"
    town = job.table.networks["town"]
    assert (town.corridors, town.band_share) == (["main"], 0.8)
    assert job.table.limits.seed == 3
    assert job.table.thresholds.min_gain == 0.05
    assert job.table.thresholds.max_share_beyond == 0.15
    assert read_job(path.parent).table == job.table


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 3", "sed = 3", "line 23: key 'limits.sed' is unknown; did you mean 'seed'?"),
        ("seed = 3", "seed = -1", "line 23: key 'limits.seed' is -1; input should be greater"),
        ("min_gain = 0.05", "min_gain = 5.0", "line 27: key 'thresholds.min_gain' is 5.0;"),
        ('scenario = "town"\n', "", "line 4: key 'networks.town.scenario' is missing; add it"),
        (
            '"proposed"',
            '"always"',
            "line 31: key 'apply.policy' is 'always'; input should be 'ask'",
        ),
        ('corridors = ["main"]\n', "", "band_share goes with corridors; name them or leave it out"),
        (
            '["am", "night"]',
            '"some"',
            "key 'networks.town.periods' is 'some'; input should be 'all'",
        ),
        ("networks.town", 'networks."a/b"', "string should match pattern"),
        ("tcp://", "", "line 2: key 'cluster' is 'localhost:8786'; string should match"),
        ("end_s = 86400", "end_s = 9", "end_s 9 must be after begin_s 79200"),
        ("[apply]", "[apply", "is not TOML"),
    ],
)
def test_mistakes(write, old, new, message):
    assert old in GOOD
    path = write("retiming.toml", GOOD.replace(old, new))
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_job(path)
    assert str(caught.value).startswith(f"job file {path}")


def test_a_missing_or_unreadable_file(write, tmp_path):
    with pytest.raises(InputError, match=r"retiming\.toml"):
        read_job(tmp_path)
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_job(write("retiming.toml", b"\xff\xfe"))


def test_periods_come_from_the_job_or_the_scenario(write):
    write(
        "town/scenario.toml",
        """name = "town"
network = "n"
demand = ["d"]
[periods.am]
begin_s = 25200
end_s = 28800""",
    )
    job = read_job(write("retiming.toml", GOOD))
    found = periods_of(job, job.table.networks["town"])
    assert [(p.name, p.begin_s, p.end_s) for p in found] == [
        ("am", 25200, 28800), ("night", 79200, 86400)
    ]  # fmt: skip
    every = job.table.networks["town"].model_copy(update={"periods": "all"})
    assert [p.name for p in periods_of(job, every)] == ["am"]
    none = every.model_copy(update={"scenario": "other.sumocfg"})
    assert [p.name for p in periods_of(job, none)] == ["night"]
    strange = every.model_copy(update={"periods": ["noon"]})
    with pytest.raises(InputError, match=r"names 'noon', which neither .* there are: am, night"):
        periods_of(job, strange)


def test_a_source_without_periods_has_its_own_window(write):
    job = read_job(write("retiming.toml", '[networks.town]\nscenario = "town.sumocfg"'))
    (only,) = periods_of(job, job.table.networks["town"])
    assert (only.name, only.begin_s, only.end_s) == ("whole", None, None)


def test_every_key_is_known():
    assert {"networks", "scenario", "min_gain", "policy", "prefer", "begin_s"} <= known_keys()
