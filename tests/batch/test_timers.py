"""Timers and crontab entries: what they say, and that they run what they should."""

import configparser
import re
import shutil
import subprocess
import sys

import pytest

from signalopt import batch
from signalopt.errors import InputError

JOB = '[networks.town]\nscenario = "town"'


@pytest.fixture
def job(write):
    return batch.read_job(write("a b/50%/retiming.toml", JOB))


def units(timer):
    found = {}
    for name, text in timer.files.items():
        parser = configparser.RawConfigParser(strict=True)
        parser.optionxform = str
        parser.read_string(text)
        found[name.rpartition(".")[2]] = parser
    return found


def test_a_systemd_timer(job):
    found = units(batch.timer(job, at="2:05", days=["sat", "sun"]))
    service, timer = found["service"]["Service"], found["timer"]["Timer"]
    assert timer["OnCalendar"] == "Sat,Sun *-*-* 02:05:00"
    assert timer["Persistent"] == "true"
    assert service["SuccessExitStatus"] == "10 11"
    path = str(job.path).replace("%", "%%")
    assert service["ExecStart"] == f'{sys.executable} -m signalopt batch run "{path}"'
    assert service["WorkingDirectory"] == str(job.path.parent).replace("%", "%%")


def test_every_day(job):
    found = units(batch.timer(job, at="23:59"))
    assert found["timer"]["Timer"]["OnCalendar"] == "*-*-* 23:59:00"


def test_a_crontab_entry_runs_the_batch(job, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(shutil.which("echo")))
    timer = batch.timer(job, at="02:30", days=["mon", "sun"], kind="cron")
    line = timer.files["crontab"]
    fields = line.split(maxsplit=5)
    assert fields[:5] == ["30", "2", "*", "*", "1,0"]
    assert re.search(r"(?<!\\)%", line) is None  # cron would end the command there
    command = fields[5].replace(r"\%", "%")
    subprocess.run(["/bin/sh", "-c", command], check=True, cwd="/")
    said = (job.state / "cron.log").read_text()
    assert said == f"-m signalopt batch run {job.path}\n"


def test_units_are_written_and_replaced(job, tmp_path):
    folder = tmp_path / "units"
    for at in ("02:30", "03:30"):
        written = batch.write_timer(batch.timer(job, at=at), folder)
    assert sorted(map(str, folder.iterdir())) == sorted(written)
    assert "03:30:00" in next(folder.glob("*.timer")).read_text()


def test_the_crontab_keeps_other_lines(job, tmp_path, monkeypatch):
    """A crontab command that keeps its table in a file."""
    table = tmp_path / "table"
    table.write_text("0 1 * * * backup\n")
    tool = tmp_path / "bin/crontab"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nif [ "$1" = -l ]; then cat "{table}"; else cat >"{table}"; fi\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    for at in ("02:30", "03:45"):
        batch.write_timer(batch.timer(job, at=at, kind="cron"))
    lines = table.read_text().splitlines()
    assert lines[0] == "0 1 * * * backup"
    assert len(lines) == 2
    assert lines[1].startswith("45 3 * * * ")


@pytest.mark.parametrize(
    ("at", "days", "message"),
    [
        ("24:00", [], "'24:00' is no time of day; write HH:MM"),
        ("noon", [], "is no time of day"),
        ("02:30", ["monday"], "'monday' is no day of the week; write mon, tue"),
    ],
)
def test_mistakes(job, at, days, message):
    with pytest.raises(InputError, match=message):
        batch.timer(job, at=at, days=days)
