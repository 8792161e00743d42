"""``signalopt batch`` on a terminal: tables of 80 columns, JSON, exit codes."""

import json
import re

import pytest
from click.testing import CliRunner

from signalopt.cli.batch import COMMANDS
from signalopt.cli.main import cli
from signalopt.errors import InputError

AM, PM = "town/network/am", "town/network/pm"


def invoke(*arguments):
    done = CliRunner().invoke(cli, ["batch", *map(str, arguments)], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    shown = [line for line in done.stdout.splitlines() if not line.startswith("Summary: ")]
    assert "--json" in arguments or max(map(len, shown), default=0) <= 80
    return done


@pytest.mark.parametrize("name", COMMANDS)
def test_help(name):
    out = invoke(name, "--help").stdout
    assert f"signalopt batch {name} retiming.toml" in out
    assert out.split("\n\n")[1].split()[:2] == COMMANDS[name].split()[:2]


def test_help_names_the_exit_codes():
    codes = re.findall(r"^ +(\d+)  +\w", invoke("--help").stdout, re.MULTILINE)
    assert codes == ["0", "10", "11", "12", "13"]


def test_run_with_nothing_to_do(done):
    found = invoke("run", done)
    assert found.return_value == 0
    assert "nothing changed" in found.stdout
    assert "Proposed plans wait for: town/network/am, town/network/pm." in found.stdout
    assert "Summary:" in found.stdout
    assert found.stderr == ""


def test_run_as_json(done):
    found = invoke("run", done, "--json", "--log-json")
    summary = json.loads(found.stdout)
    assert (summary["state"], summary["exit_code"], found.return_value) == ("nothing", 0, 0)
    events = [json.loads(line)["event"] for line in found.stderr.splitlines()]
    assert events == ["run_begins", "task_skipped", "task_skipped", "run_ends"]
    kept = json.loads((done / f"retiming/runs/{summary['run']:05d}/run.json").read_text())
    assert kept == summary


def test_status(done):
    out = invoke("status", done).stdout
    assert "Run 1: proposed, 100% done" in out
    found = json.loads(invoke("status", done, "--json", "--watch").stdout)
    assert found["state"] == "proposed"
    assert [t["state"] for t in found["tasks"]] == ["done", "done"]


def test_show(done):
    out = invoke("show", done).stdout
    assert len(re.findall(r"adopted .* waits", out)) == 2
    assert re.search(r"\d+ s of work: load \d+%, sumo \d+%, proof \d+%, report \d+%", out)
    invoke("apply", done, AM, "--yes")
    out = invoke("show", done, AM).stdout
    assert re.search(r"1 +before .*\n +2   in force   proposed", out)
    found = json.loads(invoke("show", done, AM, "--json").stdout)
    assert found["in_force"] == 2
    assert found["records"][0]["found"]["versions"]["sumo"].startswith("1.")


def test_apply_asks_for_a_yes(done):
    found = invoke("apply", done)
    assert found.return_value == 10
    assert found.stdout.splitlines() == [
        f"would apply  {AM}", f"would apply  {PM}", "Add --yes to do it."
    ]  # fmt: skip
    assert not (done / "plans").exists()
    found = invoke("apply", done, "--yes")
    assert found.return_value == 11
    assert found.stdout == f"applied      {AM}: plan 2\napplied      {PM}: plan 2\n"
    found = invoke("apply", done)
    assert (found.return_value, found.stdout) == (0, "No proposed plan waits.\n")
    assert invoke("apply", done, "--yes", "--json").return_value == 0


def test_apply_says_what_it_refuses(done):
    invoke("apply", done, AM, "--yes")
    file = done / f"plans/{AM}.add.xml"
    file.write_text(file.read_text() + "<!-- by hand -->")
    found = invoke("apply", done, AM, "--yes", "--json")
    assert found.return_value == 12
    (one,) = json.loads(found.stdout)
    assert "runs another plan now" in one["note"]
    with pytest.raises(InputError, match="'noon' has no proposed plan that waits; there are"):
        invoke("apply", done, "noon")


def test_rollback(done):
    invoke("apply", done, AM, "--yes")
    out = invoke("rollback", done, AM).stdout
    assert out.startswith(f"In force: plan 1 of {AM} (before, ")
    found = json.loads(invoke("rollback", done, AM, "--to", 2, "--json").stdout)
    assert found["number"] == 2


def test_schedule_writes_only_when_asked(done, tmp_path):
    out = CliRunner().invoke(cli, ["batch", "schedule", str(done)]).stdout
    assert "Nothing was written; add --write to do it." in out
    folder = tmp_path / "units"
    arguments = ["batch", "schedule", str(done), "--write", "--folder", str(folder), "--json"]
    found = json.loads(CliRunner().invoke(cli, arguments).stdout)
    assert sorted(found["written"]) == sorted(map(str, folder.iterdir()))
    assert found["then"].startswith("systemctl --user daemon-reload")
    refused = CliRunner().invoke(cli, [*arguments, "--kind", "cron"])
    assert refused.exit_code == 2
