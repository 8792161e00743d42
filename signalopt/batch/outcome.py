"""How a run ended: in a word, for a scheduler, and task by task."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from signalopt.batch.artefacts import Record
    from signalopt.batch.ledger import RunTask


class Outcome(Enum):
    """How a run ended, with the exit code that tells a scheduler."""

    NOTHING = ("nothing", 0)
    PROPOSED = ("proposed", 10)
    APPLIED = ("applied", 11)
    FAILED = ("failed", 12)

    @property
    def word(self) -> str:
        """Its name in files."""
        return str(self.value[0])

    @property
    def exit_code(self) -> int:
        """Exit code of the command."""
        return int(self.value[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a run has to show.

    Attributes
    ----------
    rows
        What it did about its tasks.
    records
        The last result of each task that is of use; None if there is none.
    in_force
        Tasks whose plan it applied.
    refused
        Why plans were not applied, by task.
    run, min_gain
        Its number, and the least gain of a plan that is proposed.
    """

    rows: Sequence[RunTask]
    records: Mapping[str, Record | None]
    in_force: AbstractSet[str]
    refused: Mapping[str, str]
    run: int
    min_gain: float

    def outcome(self) -> Outcome:
        """How the run ended; what went wrong comes first."""
        if self.refused or any(row.state in ("failed", "outdated") for row in self.rows):
            return Outcome.FAILED
        if self.in_force:
            return Outcome.APPLIED
        return Outcome.PROPOSED if self._proposed() else Outcome.NOTHING

    def tasks(self) -> list[dict[str, Any]]:
        """Every task for the summary: what became of it, why, and its last result's figures."""
        return [
            {
                "task": row.task,
                "state": self._word(row),
                "reason": self.refused.get(row.task, row.reason),
                "attempts": row.attempts,
                **_figures(self.records.get(row.task)),
            }
            for row in self.rows
        ]

    def _proposed(self) -> set[str]:
        return {
            name
            for name, record in self.records.items()
            if record is not None and record.run == self.run and record.is_proposed(self.min_gain)
        }

    def _word(self, row: RunTask) -> str:
        if row.state != "done":
            return row.state
        if row.task in self.in_force:
            return "applied"
        return "proposed" if row.task in self._proposed() else "kept"


def _figures(record: Record | None) -> dict[str, Any]:
    """The last result's figures; None where nothing is known."""
    if record is None:
        return dict.fromkeys(("gain", "delay_before_s", "delay_after_s", "folder", "seconds"))
    names = ("gain", "delay_before_s", "delay_after_s", "seconds")
    return {name: record.found[name] for name in names} | {"folder": record.folder}
