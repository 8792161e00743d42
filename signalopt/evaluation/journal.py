"""What was simulated or found already, on disk, so that a search that was killed can go on.

A search with a seed asks for the same runs in the same order each time. Each run's figures are
appended to a file as soon as they are known; a search that starts again reads them instead of
simulating, and ends with the plan of an undisturbed one.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from typing import TYPE_CHECKING, Any, Literal, TextIO

import pandas as pd

import signalopt
from signalopt.errors import InputError, StorageError
from signalopt.evaluation.result import RUN_COLUMNS, Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from signalopt.evaluation.base import Evaluator
    from signalopt.model.plan import PlanSet
    from signalopt.model.scenario import Scenario

FORMAT = "signalopt journal"


def fingerprint(scenario: Scenario, *choices: object) -> str:
    """What a journal is for: the scenario's files and settings, the version, the user's choices."""
    digest = hashlib.sha256()
    settings = (
        signalopt.__version__,
        RUN_COLUMNS,
        scenario.begin_s,
        scenario.end_s,
        scenario.warm_up_s,
        scenario.sumo_options,
        scenario.constraints,
        scenario.objective,
        [(d.name, d.weight) for d in scenario.further_demands],
        choices,
    )
    digest.update(repr(settings).encode())
    paths = [scenario.network_path, *scenario.route_paths, *scenario.additional_paths]
    paths += [path for d in scenario.further_demands for path in d.route_paths]
    if scenario.calibration_path is not None:
        paths.append(scenario.calibration_path)
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Journal:
    """Figures of runs by plan and seed, and notes by name; in memory and as lines of JSON.

    Several threads may add to it.

    Parameters
    ----------
    path
        The file.
    purpose
        The `fingerprint` of the search.
    resume
        Go on with an existing file; otherwise it is begun anew with the first run.

    Raises
    ------
    InputError
        If there is nothing to go on with, or it belongs to another search.
    StorageError
        If the file cannot be written.
    """

    def __init__(self, path: Path, purpose: str, *, resume: bool) -> None:
        self.path = path
        self._known: dict[tuple[str, int], list[float]] = {}
        self._notes: dict[str, str] = {}
        self._lock = threading.Lock()
        self._head = {"format": FORMAT, "purpose": purpose}
        self._stream: TextIO | None = None
        self._whole = 0
        if resume:
            self._read()

    def _read(self) -> None:
        """Read whole lines; one that was cut short by a crash is dropped."""
        try:
            text = self.path.read_bytes()
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be read ({error.strerror}): there is no interrupted run to "
                "resume; run without --resume"
            ) from error
        self._whole = text.rfind(b"\n") + 1
        try:
            lines = [json.loads(line) for line in text[: self._whole].splitlines()]
            found = lines[0]
            for row in lines[1:]:
                if "note" in row:
                    self._notes[row["note"]] = row["text"]
                else:
                    self._known[row["plan"], row["seed"]] = row["figures"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise InputError(
                f"{self.path} is no journal of an interrupted run; run without --resume"
            ) from error
        if found != self._head:
            raise InputError(
                f"{self.path} belongs to another run: its inputs, options or version differ; "
                "run without --resume"
            )

    def __len__(self) -> int:
        return len(self._known) + len(self._notes)

    def get(self, plan: str, seed: int) -> list[float] | None:
        """The figures of a run in the order of `RUN_COLUMNS`, None if it is not known."""
        return self._known.get((plan, seed))

    def put(self, plan: str, seed: int, figures: list[float]) -> None:
        """Add a run; it is on the disk when this returns."""
        self._known[plan, seed] = figures
        self._append({"plan": plan, "seed": seed, "figures": figures})

    def recall(self, note: str) -> str | None:
        """A text that was noted, None if there is none."""
        return self._notes.get(note)

    def jot(self, note: str, text: str) -> None:
        """Note a text under a name; it is on the disk when this returns."""
        self._notes[note] = text
        self._append({"note": note, "text": text})

    def _append(self, row: dict[str, Any]) -> None:
        try:
            with self._lock:
                if self._stream is None:
                    self._stream = self._opened()
                self._stream.write(json.dumps(row) + "\n")
                self._stream.flush()
                os.fsync(self._stream.fileno())
        except OSError as error:
            raise _refused(self.path, error) from error

    def _opened(self) -> TextIO:
        """The file, behind its last whole line; a new one with its head."""
        if self._whole:
            stream = self.path.open("r+", encoding="utf-8")
            stream.seek(self._whole)
            stream.truncate()
            return stream
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stream = self.path.open("w", encoding="utf-8")
        stream.write(json.dumps(self._head) + "\n")
        return stream

    def close(self) -> None:
        """Close the file; it stays."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
            self._whole = self.path.stat().st_size


def open_journal(path: Path, purpose: str, *, resume: bool | Literal["if possible"]) -> Journal:
    """The journal of a search.

    Parameters
    ----------
    path, purpose
        See `Journal`.
    resume
        As for `Journal`; with ``"if possible"``, what is missing, damaged or of another search is
        begun anew.

    Raises
    ------
    InputError
        If there is nothing to go on with, or it belongs to another search.
    StorageError
        If the file cannot be written.
    """
    if resume != "if possible":
        return Journal(path, purpose, resume=resume)
    try:
        return Journal(path, purpose, resume=path.exists())
    except InputError:
        return Journal(path, purpose, resume=False)


def _refused(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be written ({error.strerror}); choose another place")


class JournalledEvaluator:
    """An evaluator that does not run again what its journal knows.

    Parameters
    ----------
    evaluator
        What runs the rest.
    journal
        Where runs are kept: only the figures of `Evaluation.runs`.
    label
        Tells runs of the same plan apart, such as those with another demand.
    """

    def __init__(self, evaluator: Evaluator, journal: Journal, *, label: str = "") -> None:
        self._evaluator = evaluator
        self._journal = journal
        self._label = label

    def evaluate(self, plan: PlanSet, seeds: Iterable[int]) -> Evaluation:
        """Evaluate one plan set, one run per seed."""
        return self.evaluate_many([plan], seeds)[0]

    def evaluate_many(self, plans: Sequence[PlanSet], seeds: Iterable[int]) -> list[Evaluation]:
        """Evaluate several plan sets; the runs that the journal knows, from there."""
        numbers = [int(seed) for seed in seeds]
        keys = [self._label + _digest(plan) for plan in plans]
        unknown: dict[tuple[int, ...], dict[str, PlanSet]] = {}
        for key, plan in zip(keys, plans, strict=True):
            missing = tuple(n for n in numbers if self._journal.get(key, n) is None)
            if missing:
                unknown.setdefault(missing, {})[key] = plan
        for missing, own in unknown.items():
            evaluations = self._evaluator.evaluate_many(list(own.values()), missing)
            for key, found in zip(own, evaluations, strict=True):
                for seed, row in found.runs.iterrows():
                    self._journal.put(key, int(str(seed)), [float(x) for x in row])
        return [self._recalled(key, numbers) for key in keys]

    def _recalled(self, key: str, seeds: Sequence[int]) -> Evaluation:
        rows = [self._journal.get(key, seed) for seed in seeds]
        index = pd.Index(seeds, name="seed")
        runs = pd.DataFrame(rows, index=index, columns=list(RUN_COLUMNS), dtype=float)
        return Evaluation(runs=runs, provenance={"seeds": list(seeds)})

    def close(self) -> None:
        """Free what the evaluator holds, and close the journal."""
        self._evaluator.close()
        self._journal.close()

    def __enter__(self) -> Self:
        self._evaluator.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._evaluator.__exit__(kind, error, trace)
        self._journal.close()


def _digest(plan: PlanSet) -> str:
    programs = [repr(plan.programs[k]) for k in sorted(plan.programs)]
    return hashlib.sha256("\n".join(programs).encode()).hexdigest()
