"""The documentation keeps up with the code."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from signalopt.cli.main import COMMANDS
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
