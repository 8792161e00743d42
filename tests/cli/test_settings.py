"""Flags before environment before project file before user file; every value names its origin."""

import json

import click
import pytest
from click.testing import CliRunner

from signalopt.cli import settings
from signalopt.cli.main import cli
from signalopt.cli.output import console
from signalopt.errors import InputError


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A project below a folder, and a user's folder, with no variables set."""
    project = tmp_path / "project" / "deep" / "inside"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HOME", str(tmp_path))
    settings.user_file().parent.mkdir(parents=True)
    settings._read.cache_clear()
    yield tmp_path
    settings._read.cache_clear()


def project_file(home, text, name="signalopt.toml"):
    (home / "project" / name).write_text(text)
    settings._read.cache_clear()


def user_file(text):
    settings.user_file().write_text(text)
    settings._read.cache_clear()


def shown(*words, **environment):
    done = CliRunner().invoke(
        cli, ["config", "show", *words, "--json"], env=environment, standalone_mode=False
    )
    if done.exception:
        raise done.exception
    found = json.loads(done.output)["settings"]
    return {(s["command"], s["option"]): (s["value"], s["from"], s["origin"]) for s in found}


def test_nothing_is_set(home):
    assert shown() == {}
    assert shown("optimise")["optimise", "seed"] == (1, "default", "")


def test_each_source_beats_the_next(home):
    user_file("workers = 4\nseeds = '1-2'\n[optimise]\nseed = 4\n")
    assert shown()["optimise", "workers"] == (4, "user file", "workers")
    project_file(home, "workers = 3\n[optimise]\nevaluations = 7\n")
    found = shown()
    assert found["optimise", "workers"] == (3, "project file", "workers")
    assert found["optimise", "evaluations"] == (7, "project file", "optimise.evaluations")
    assert found["optimise", "seed"] == (4, "user file", "optimise.seed")
    assert found["simulate", "seeds"] == ("1-2", "user file", "seeds")
    found = shown(SIGNALOPT_WORKERS="2", SIGNALOPT_OPTIMISE_SEED="9")
    assert found["optimise", "workers"] == (2, "environment", "SIGNALOPT_WORKERS")
    assert found["optimise", "seed"] == (9, "environment", "SIGNALOPT_OPTIMISE_SEED")
    found = shown(SIGNALOPT_WORKERS="2", SIGNALOPT_CORRIDOR_PLOT_WORKERS="1")
    assert found["corridor plot", "workers"][0] == 1
    assert found["simulate", "workers"][0] == 2


@pytest.fixture
def probe(monkeypatch):
    """A command in the place of one of ours, which says what reaches it."""
    seen = {}

    @click.command("check")
    @click.option("--workers", type=click.IntRange(min=1))
    @click.option("--routes", multiple=True)
    @click.option("--force", is_flag=True)
    def command(**given):
        seen.update(given)

    monkeypatch.setattr("signalopt.cli.check.command", command)

    def run(*arguments, **environment):
        seen.clear()
        CliRunner().invoke(
            cli, ["check", *arguments], env=environment, standalone_mode=False, catch_exceptions=False
        )  # fmt: skip
        return dict(seen)

    return run


def test_what_commands_get(home, probe):
    assert probe() == {"workers": None, "routes": (), "force": False}
    project_file(home, '[check]\nworkers = 3\nroutes = ["a", "b"]\nforce = true\n')
    assert probe() == {"workers": 3, "routes": ("a", "b"), "force": True}
    assert probe(SIGNALOPT_CHECK_WORKERS="2", SIGNALOPT_FORCE="0") == {
        "workers": 2, "routes": ("a", "b"), "force": False,
    }  # fmt: skip
    flags = probe("--workers", 1, "--routes", "c", SIGNALOPT_CHECK_WORKERS="2")
    assert flags == {"workers": 1, "routes": ("c",), "force": True}


def test_a_table_in_pyproject_is_a_project_file(home):
    project_file(home, "[tool.signalopt]\nworkers = 5\n", "pyproject.toml")
    assert shown()["optimise", "workers"] == (5, "project file", "workers")


def test_paths_count_from_the_file(home):
    project_file(home, '[optimise]\ncalibration = "constants.json"\n')
    value = shown()["optimise", "calibration"][0]
    assert value == str(home / "project" / "constants.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "workerz = 2\n",
            "key 'workerz' is no option that any command has; did you mean 'workers'",
        ),
        ("[optimise]\nevaluation = 2\n", "that optimise has; did you mean 'evaluations'"),
        ("[optimise]\nworkers = 0\n", "optimise.workers is 0: 0 is not in the range"),
        ("[optimise]\nseed = [1]\n", "optimise.seed is .1.; it must be one value"),
        ("[optimise]\ndemand = 'a'\n", "optimise.demand is 'a'; it must be a list"),
        ("workers = \n", "signalopt.toml is not TOML"),
    ],
)
def test_mistakes_in_a_file(home, text, words):
    project_file(home, text)
    with pytest.raises(InputError, match=words):
        shown("optimise")


def test_help_does_not_stumble_over_a_broken_file(home, invoke):
    project_file(home, "workers = \n")
    assert "Find a better plan" in invoke("optimise", "--help").output


def test_an_unknown_command_is_refused(home, invoke):
    error = invoke("config", "show", "optimize it").exception
    assert "No such command 'optimize it'; did you mean 'optimise'?" in error.format_message()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_what_click_installs(command, shell):
    done = command("completion", shell)
    assert done.code == 0
    assert done.out == command(_SIGNALOPT_COMPLETE=f"{shell}_source").out


def test_no_colour_if_the_user_says_so(monkeypatch):
    """On a terminal, titles are bold; NO_COLOR leaves no colour codes."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    out = console()
    with out.capture() as captured:
        out.print("text", style="red")
    assert captured.get() == "text\n"
