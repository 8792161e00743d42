"""The journal: nothing is simulated twice, broken files are refused in one sentence."""

from types import SimpleNamespace

import pytest

from signalopt.errors import InputError, StorageError
from signalopt.evaluation.journal import Journal, JournalledEvaluator
from signalopt.evaluation.result import RUN_COLUMNS, Evaluation, table


class Counting:
    """An evaluator that remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def evaluate_many(self, plans, seeds):
        self.asked.append((len(plans), list(seeds)))
        rows = [{"seed": n, **dict.fromkeys(RUN_COLUMNS, n / 3)} for n in seeds]
        return [Evaluation(runs=table(rows, ["seed"], RUN_COLUMNS)) for _ in plans]

    def close(self):
        pass


def plan(name):
    return SimpleNamespace(programs={"J": name})


def test_known_runs_are_not_asked_for_again(tmp_path):
    path = tmp_path / "run.journal"
    first = Counting()
    evaluator = JournalledEvaluator(first, Journal(path, "p", resume=False))
    before = evaluator.evaluate_many([plan("a"), plan("b")], [1, 2])
    evaluator.close()
    second = Counting()
    again = JournalledEvaluator(second, Journal(path, "p", resume=True))
    found = again.evaluate_many([plan("b"), plan("c"), plan("a")], [1, 2])
    assert second.asked == [(1, [1, 2])]
    assert found[0].runs.equals(before[1].runs)
    assert found[2].runs.equals(before[0].runs)
    twice = again.evaluate_many([plan("a"), plan("d"), plan("d")], [2, 3])
    assert second.asked[1:] == [(1, [3]), (1, [2, 3])]  # one run of a is known, d is asked once
    assert list(twice[0].runs.index) == [2, 3]
    assert twice[1].runs.equals(twice[2].runs)
    again.close()
    assert len(Journal(path, "p", resume=True)) == 9
    assert len(path.read_text().splitlines()) == 1 + 9  # nothing is written twice


def test_a_line_cut_short_is_dropped(tmp_path):
    path = tmp_path / "run.journal"
    journal = Journal(path, "p", resume=False)
    journal.put("a", 1, [1.0])
    journal.put("a", 2, [2.0])
    journal.close()
    path.write_bytes(path.read_bytes()[:-3])
    cut = Journal(path, "p", resume=True)
    assert (cut.get("a", 1), cut.get("a", 2)) == ([1.0], None)
    cut.put("a", 2, [2.0])
    cut.close()
    assert Journal(path, "p", resume=True).get("a", 2) == [2.0]


def test_without_resume_it_begins_anew_with_the_first_run(tmp_path):
    path = tmp_path / "run.journal"
    journal = Journal(path, "p", resume=False)
    assert not path.exists()
    journal.put("a", 1, [1.0])
    journal.close()
    journal = Journal(path, "p", resume=False)
    journal.put("b", 1, [1.0])
    journal.close()
    assert len(Journal(path, "p", resume=True)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no interrupted run"),
        ("", "is no journal"),
        ("not json\n", "is no journal"),
        ('{"format": "signalopt journal", "purpose": "other"}\n', "belongs to another run"),
        ('{"format": "signalopt journal", "purpose": "p"}\n{"plan": 1}\n', "is no journal"),
    ],
)
def test_what_cannot_be_resumed(tmp_path, text, words):
    path = tmp_path / "run.journal"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=words):
        Journal(path, "p", resume=True)


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file" / "run.journal", "p", resume=False)
    with pytest.raises(StorageError, match="cannot be written"):
        journal.put("a", 1, [1.0])
