"""The documentation keeps up with the code."""

import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

import signalopt as so
from signalopt import plotting
from signalopt.cli.main import COMMANDS, cli
from signalopt.io.scenario_toml import (
    BenefitTable,
    ConstraintsTable,
    ObjectiveTable,
    PeriodTable,
    ScenarioTable,
)
from signalopt.safety.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("networks/*/README.md")])


def test_command_line_page_is_what_help_says():
    done = subprocess.run(
        [sys.executable, "docs/make_cli.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_toml_examples_parse(page):
    for block in re.findall(
        r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL
    ):
        tomllib.loads(block)


def test_every_key_of_a_scenario_is_documented():
    page = (ROOT / "docs/scenario.md").read_text(encoding="utf-8")
    tables = (ScenarioTable, PeriodTable, ConstraintsTable, ObjectiveTable, BenefitTable)
    keys = {key for table in tables for key in table.model_fields}
    assert {key for key in keys if f"`{key}`" not in page and key not in page} == set()


def test_every_safety_rule_is_documented():
    page = (ROOT / "docs/safety.md").read_text(encoding="utf-8")
    assert [rule.__name__ for rule in RULES if f"`{rule.__name__}`" not in page] == []


def test_readme_names_only_commands_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"^    signalopt ([a-z]+)", readme, flags=re.MULTILINE))
    assert used <= COMMANDS.keys()
    assert used


def test_the_api_page_has_every_public_name():
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^::: signalopt\.([\w.]+)$", page, flags=re.MULTILINE))
    expected = {*so.__all__, *(f"plotting.{name}" for name in plotting.__all__)} - {"__version__"}
    assert expected - named == set()
    for name in named:
        assert pkgutil.resolve_name(f"signalopt.{name}") is not None


def test_the_walk_has_three_commands_that_exist():
    """The script is sound, and between its first and its last command there are two of ours."""
    script = ROOT / "docs/walk.sh"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    lines = script.read_text(encoding="utf-8").splitlines()
    numbered = [line for line in lines if re.search(r"  # [123]$", line)]
    assert [line.split()[:2] for line in numbered] == [
        ["pip", "install"], ["signalopt", "optimise"], ["signalopt", "report"],
    ]  # fmt: skip
    for line in numbered[1:]:
        command = cli.get_command(click.Context(cli), line.split()[1])
        known = {o for p in command.params for o in p.opts}
        assert set(re.findall(r" (-{1,2}[a-z]+)", line)) <= known
