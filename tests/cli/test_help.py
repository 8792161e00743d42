"""What the command says about itself, and how fast."""

import json
import re
import subprocess
import sys

import click
import pytest

import signalopt
from signalopt.cli.main import COMMANDS, cli

HEAVY = ("scipy", "pandas", "networkx", "pydantic", "sumolib", "libsumo", "matplotlib", "numba")


def loaded_by(code):
    """Which heavy modules a program loads."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout.splitlines()[-1])) & set(HEAVY)


def test_help_names_every_command_and_exit_code(command):
    done = command("--help")
    assert done.code == 0
    assert done.err == ""
    for name, summary in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", done.out, re.MULTILINE)
    codes = re.findall(r"^ +(\d+)  \w", done.out, re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "5", "6", "8", "130"]
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_that_start_with_its_name(invoke, name):
    done = invoke(name, "-h")
    assert "Examples:" in done.output
    examples = re.findall(r"^ +signalopt (\w+) .*$", done.output, re.MULTILINE)
    assert examples
    assert set(examples) == {name}
    assert max(map(len, done.output.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_they_say_themselves(name):
    said = cli.get_command(click.Context(cli), name).help
    assert said.split()[:2] == COMMANDS[name].split()[:2]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_are_commands_that_exist(name):
    """Every option of an example belongs to the command."""
    found = cli.get_command(click.Context(cli), name)
    known = {o for p in found.params for o in p.opts}
    for line in re.findall(r"^ *signalopt .*$", found.help, re.MULTILINE):
        assert set(re.findall(r" (-{1,2}[a-z-]+)", line)) <= known


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["optimise", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    code = f"""
from signalopt.cli.main import main
try:
    main({arguments})
except SystemExit:
    pass"""
    assert loaded_by(code) == set()


def test_version(command):
    assert command("--version").out == f"signalopt, version {signalopt.__version__}\n"


def test_a_misspelt_command_is_recognised(command):
    done = command("inspekt", "scenarios/arterial")
    assert done.code == 2
    assert done.out == ""
    assert done.err.endswith("Error: No such command 'inspekt'. Did you mean 'inspect'?\n")


def test_a_command_like_none_is_just_unknown(invoke):
    assert str(invoke("xyzzy").exception.format_message()) == "No such command 'xyzzy'."


def test_the_american_spelling_is_understood(invoke):
    assert "Find a better plan" in invoke("optimize", "--help").output


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("bash", "complete -o nosort -F _signalopt_completion signalopt"),
        ("zsh", "#compdef signalopt"),
        ("fish", "complete --no-files --command signalopt"),
    ],
)
def test_completion_scripts(command, shell, words):
    done = command(_SIGNALOPT_COMPLETE=f"{shell}_source")
    assert done.code == 0
    assert words in done.out


@pytest.mark.parametrize(
    ("words", "number", "expected"),
    [("signalopt opt", 1, {"optimise"}), ("signalopt simulate --see", 2, {"--seeds"})],
)
def test_completion(command, words, number, expected):
    done = command(_SIGNALOPT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number))
    assert {line.partition(",")[2] for line in done.out.split()} == expected
