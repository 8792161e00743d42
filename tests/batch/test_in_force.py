"""Plans in force: whatever was in force once can be had again, byte for byte."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from signalopt.batch.in_force import PlansInForce
from signalopt.errors import InputError, StorageError

TASK = "town/a corridor/a.m."


@pytest.fixture
def folder(tmp_path):
    return PlansInForce(tmp_path / "state", TASK, tmp_path / "plans/town.add.xml")


def test_the_first_plan_keeps_what_ran_before(folder):
    version = folder.apply(b"new", key="k", before=b"old")
    assert (version.number, version.origin, version.key) == (2, "proposed", "k")
    assert folder.file.read_bytes() == b"new"
    assert folder.rollback().origin == "before"
    assert folder.file.read_bytes() == b"old"
    assert folder.current().number == 1


def test_what_somebody_else_put_there_is_kept(folder):
    folder.apply(b"first", key="k", before=b"old")
    folder.file.write_bytes(b"by hand")
    assert folder.current() is None
    folder.apply(b"second", key="l", before=b"unused")
    assert [v.origin for v in folder.versions()] == ["before", "proposed", "found", "proposed"]
    folder.rollback(3)
    assert folder.file.read_bytes() == b"by hand"


def test_mistakes(folder):
    with pytest.raises(InputError, match="was ever applied; there is nothing to undo"):
        folder.rollback()
    folder.apply(b"new", key="k", before=b"old")
    with pytest.raises(InputError, match="has no plan number 3; there are 1 to 2"):
        folder.rollback(3)
    folder.rollback(1)
    with pytest.raises(InputError, match="has no plan number 0"):
        folder.rollback()


def test_an_altered_version_is_noticed(folder):
    folder.apply(b"new", key="k", before=b"old").path.write_bytes(b"other")
    with pytest.raises(StorageError, match="was altered since it was kept"):
        folder.rollback(2)
    assert folder.file.read_bytes() == b"new"


class Undoing(RuleBasedStateMachine):
    """Plans are applied, rolled back and altered by hand in any order."""

    def __init__(self):
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory()
        root = Path(self.scratch.name)
        self.place = PlansInForce(root / "state", TASK, root / "plans/p.add.xml")
        self.ever = set()
        self.now = None

    @rule(data=st.binary(max_size=8))
    def apply(self, data):
        self.ever |= {data, b"before" if self.now is None else self.now}
        self.place.apply(data, key="k", before=b"before")
        self.now = data

    @rule(data=st.binary(max_size=8))
    def alter(self, data):
        if self.now is not None:
            self.place.file.write_bytes(data)
            self.now = data

    @rule(pick=st.integers(0, 100))
    def rollback(self, pick):
        versions = self.place.versions()
        if versions:
            self.ever.add(self.now)
            chosen = versions[pick % len(versions)]
            self.place.rollback(chosen.number)
            self.now = chosen.path.read_bytes()

    @invariant()
    def nothing_is_lost(self):
        kept = [v.path.read_bytes() for v in self.place.versions()]
        assert set(kept) == self.ever
        assert len(kept) == len(set(kept))
        if self.now is not None:
            assert self.place.file.read_bytes() == self.now

    def teardown(self):
        self.scratch.cleanup()


TestUndoing = Undoing.TestCase
TestUndoing.settings = settings(max_examples=10, stateful_step_count=8, deadline=None)


@given(st.text(max_size=20).filter(lambda text: "/" not in text and text))
@settings(max_examples=50, deadline=None)
def test_any_name_stays_inside_its_folder(name):
    place = PlansInForce(Path("/state"), f"town/{name}/am", Path("/plans/x"))
    parts = place._folder.relative_to("/state/versions").parts
    assert len(parts) == 3
    assert ".." not in parts
