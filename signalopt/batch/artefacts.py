"""Results of tasks as plain files, one folder each: the truth that the ledger is an index of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signalopt.batch.naming import slug
from signalopt.errors import InputError, StorageError
from signalopt.io.files import new_folder, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from signalopt.batch.tasks import Task

FORMAT = "signalopt task"
VERSION = 1
RECORD = "task.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A finished task.

    Attributes
    ----------
    sequence
        Its place in the order of all records; no clock decides it.
    run
        The run that worked on it.
    task, key, inputs
        Name, content hash and hashes of the inputs.
    folder
        Its folder, from that of the batch on.
    flows
        Flows by movement that its plan was made for [veh/h].
    found
        What the work on its task found out about the plan.
    inputs_changed
        Files that changed while it was worked on; its plan is then of no use.
    finished
        When, for people.
    """

    sequence: int
    run: int
    task: str
    key: str
    inputs: dict[str, str]
    folder: str
    flows: dict[str, float]
    found: dict[str, Any]
    inputs_changed: tuple[str, ...]
    finished: str

    @property
    def gain(self) -> dict[str, Any] | None:
        """By how much the objective falls, with its interval; None if nothing was compared."""
        found: dict[str, Any] | None = self.found["gain"]
        return found

    def is_proposed(self, min_gain: float) -> bool:
        """Whether the plan is good enough: proven, clear of zero, and above the threshold."""
        gain = self.gain
        return (
            not self.inputs_changed
            and self.found["verdict"] == "adopted"
            and gain is not None
            and gain["low"] > 0
            and gain["share"] >= min_gain
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": FORMAT,
            "version": VERSION,
            **{name: getattr(self, name) for name in type(self).__slots__},
        }


def record_of(document: Mapping[str, Any]) -> Record:
    """A record from what `Record.to_dict` wrote.

    Raises
    ------
    InputError
        If it is something else.
    """
    try:
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise InputError("it is no record of this version")
        fields = {name: document[name] for name in Record.__slots__}
    except (KeyError, TypeError) as error:
        raise InputError(f"it is no record of a task ({error})") from error
    return Record(**{**fields, "inputs_changed": tuple(fields["inputs_changed"])})


def folder_of(task: Task) -> str:
    """Where the result of a task is kept, from the batch's folder on."""
    return f"results/{slug(task.name)}/{task.key[:16]}"


def keep_result(state: Path, record: Record, files: Mapping[str, str]) -> None:
    """Write a result's folder, all of it or nothing.

    Raises
    ------
    StorageError
        If there is no room.
    """
    with new_folder(state / record.folder) as folder:
        for name, text in files.items():
            write_text(folder / name, text)
        write_text(folder / RECORD, _text(record))


def rewrite_record(state: Path, record: Record) -> None:
    """Replace the record of a result that is there."""
    write_text(state / record.folder / RECORD, _text(record))


def _text(record: Record) -> str:
    return json.dumps(record.to_dict(), indent=1) + "\n"


def kept_records(state: Path) -> Iterator[Record]:
    """The records of all results, in their order.

    Raises
    ------
    StorageError
        If one cannot be read.
    """
    found = []
    for path in (state / "results").rglob(RECORD):
        if any(part.startswith(".") for part in path.relative_to(state).parts):
            continue  # half of a folder that never took its name
        try:
            found.append(record_of(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, InputError) as error:
            raise StorageError(
                f"{path} cannot be read ({error}); move its folder away to do without it"
            ) from error
    yield from sorted(found, key=lambda record: record.sequence)
