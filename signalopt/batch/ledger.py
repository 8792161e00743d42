"""The ledger: what was run, with what, and what came of it, in one SQLite file.

It is an index. All that it says of results stands in their folders too, so it can be made anew.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signalopt.batch.artefacts import kept_records, record_of
from signalopt.batch.ledger_file import SCHEMA, TABLES, DamagedLedgerError, open_base, said_of
from signalopt.batch.log import now
from signalopt.batch.runs import kept_runs
from signalopt.closing import Closing
from signalopt.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signalopt.batch.artefacts import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTask:
    """What a run does about a task.

    Attributes
    ----------
    task, key
        Name and content hash.
    state
        ``waiting``, ``running``, ``done``, ``failed``, ``skipped`` or ``outdated``.
    reason
        Why it is worked on, why not, or why it failed.
    attempts
        How often it was begun.
    """

    task: str
    key: str
    state: str
    reason: str
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run: its number, state, and when it began and ended, for people."""

    run: int
    state: str
    began: str
    ended: str | None


class Ledger(Closing):
    """An open ledger.

    Parameters
    ----------
    state
        Folder of the batch.
    write
        Open it to write: results that it does not know yet are entered.

    Raises
    ------
    DamagedLedgerError
        If the file is damaged; see `rebuild`.
    StorageError
        If it cannot be opened.
    """

    def __init__(self, state: Path, *, write: bool) -> None:
        self.state = state
        path = state / "ledger.sqlite"
        self.path = path
        known = path.exists()
        if not known and not write:
            raise StorageError(f"{state} holds no ledger yet; run the batch first")
        self._base = open_base(path)
        try:
            with self._minding():
                # Readers never wait for the writer, and a crash leaves the last whole state.
                self._base.execute("PRAGMA journal_mode = WAL")
                self._base.execute("PRAGMA synchronous = FULL")
                self._base.execute("PRAGMA foreign_keys = ON")
                self._require_whole()
                if write:
                    self._make_tables()
                    self.enter_kept()
                self._require_schema()
        except BaseException:
            self._base.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextmanager
    def _minding(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"ledger {self.path} cannot be used ({error}); is there space left, may you write?"
            ) from error
        except sqlite3.DatabaseError as error:
            raise DamagedLedgerError(said_of(self.path, str(error))) from error

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """All changes inside happen, or none."""
        with self._minding():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
            except BaseException:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._minding():
            return self._base.execute(query, values).fetchall()

    def _require_whole(self) -> None:
        (answer,) = self._base.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            raise DamagedLedgerError(said_of(self.path, str(answer)))

    def _require_schema(self) -> None:
        (found,) = self._base.execute("PRAGMA user_version").fetchone()
        if found != SCHEMA:
            raise StorageError(
                f"ledger {self.path} has schema {found}, this version writes {SCHEMA}; use the "
                "version of signalopt that wrote it, or make it anew with --rebuild"
            )

    def _make_tables(self) -> None:
        with self._change() as base:
            (found,) = base.execute("PRAGMA user_version").fetchone()
            if found:
                return
            for statement in filter(str.strip, TABLES.split(";\n")):
                base.execute(statement)
            base.execute(f"PRAGMA user_version = {SCHEMA}")

    def enter_kept(self) -> int:
        """Enter the results and runs whose files are there and that it does not know; how many."""
        keys = {key for (key,) in self._rows("SELECT key FROM records")}
        news = [record for record in kept_records(self.state) if record.key not in keys]
        for record in news:
            self.enter(record)
        numbers = {run for (run,) in self._rows("SELECT run FROM runs")}
        for document in kept_runs(self.state):
            if document["run"] not in numbers:
                self._enter_run(document)
        return len(news)

    def _enter_run(self, document: dict[str, Any]) -> None:
        with self._change() as base:
            base.execute(
                "INSERT INTO runs (run, state, began, ended, document) VALUES (?, ?, ?, ?, ?)",
                (document["run"], document["state"], document["began"], document["ended"],
                 json.dumps(document)),
            )  # fmt: skip

    # Records -----------------------------------------------------------------------------------

    def next_sequence(self) -> int:
        """The place of the next record."""
        return int(self._rows("SELECT COALESCE(MAX(sequence), 0) + 1 FROM records")[0][0])

    def enter(self, record: Record) -> None:
        """Enter a result, or replace what is known of it."""
        gain = record.gain or {"share": None, "low": None, "high": None}
        with self._change() as base:
            base.execute("DELETE FROM records WHERE key = ?", (record.key,))
            base.execute(
                "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (record.sequence, record.run, record.task, record.key, record.found["verdict"],
                 gain["share"], gain["low"], gain["high"], record.found["plan_sha256"],
                 record.folder, json.dumps(record.to_dict())),
            )  # fmt: skip
            base.executemany(
                "INSERT INTO times VALUES (?, ?, ?)",
                [(record.key, part, s) for part, s in record.found["seconds"].items()],
            )

    def records(self, task: str | None = None) -> list[Record]:
        """All records, or those of a task, oldest first."""
        rows = self._rows(
            "SELECT document FROM records WHERE ? IS NULL OR task = ? ORDER BY sequence", task, task
        )
        return [record_of(json.loads(text)) for (text,) in rows]

    def latest(self, task: str) -> Record | None:
        """The last result of a task that is of use."""
        usable = [r for r in self.records(task) if not r.inputs_changed]
        return usable[-1] if usable else None

    def by_key(self, key: str) -> Record | None:
        """The result with a content hash, if it is known and of use."""
        rows = self._rows("SELECT document FROM records WHERE key = ?", key)
        record = record_of(json.loads(rows[0][0])) if rows else None
        return None if record is None or record.inputs_changed else record

    def times(self, run: int | None = None) -> dict[str, float]:
        """Seconds of each part of the work, summed over the tasks of a run or of all."""
        rows = self._rows(
            "SELECT part, SUM(seconds) FROM times JOIN records USING (key) "
            "WHERE ? IS NULL OR run = ? GROUP BY part ORDER BY MIN(times.rowid)", run, run,
        )  # fmt: skip
        return {part: float(seconds) for part, seconds in rows}

    # Runs --------------------------------------------------------------------------------------

    def begin_run(self) -> int:
        """Open a run; those that were cut short before are closed as interrupted."""
        with self._change() as base:
            base.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
            (run,) = base.execute(  # a ledger made anew knows runs by their results only
                "SELECT 1 + MAX(COALESCE((SELECT MAX(run) FROM runs), 0), "
                "COALESCE((SELECT MAX(run) FROM records), 0))"
            ).fetchone()
            base.execute(
                "INSERT INTO runs (run, state, began) VALUES (?, 'running', ?)", (run, now())
            )
            return int(run)

    def unfinished_run(self) -> int | None:
        """The last run, if it was cut short."""
        rows = self.runs()
        return rows[-1].run if rows and rows[-1].state in ("running", "interrupted") else None

    def continue_run(self, run: int) -> None:
        """Open a run again."""
        with self._change() as base:
            base.execute("UPDATE runs SET state = 'running' WHERE run = ?", (run,))

    def end_run(self, run: int, document: dict[str, Any]) -> None:
        """Close a run with what ``run.json`` says of it."""
        with self._change() as base:
            base.execute(
                "UPDATE runs SET state = ?, ended = ?, document = ? WHERE run = ?",
                (document["state"], document["ended"], json.dumps(document), run),
            )

    def runs(self) -> list[RunRow]:
        """All runs, oldest first."""
        rows = self._rows("SELECT run, state, began, ended FROM runs ORDER BY run")
        return [RunRow(run=a, state=b, began=c, ended=d) for a, b, c, d in rows]

    def run_document(self, run: int) -> dict[str, Any] | None:
        """The summary of a run; None while it is under way."""
        rows = self._rows("SELECT document FROM runs WHERE run = ?", run)
        return json.loads(rows[0][0]) if rows and rows[0][0] else None

    def set_task(self, run: int, task: RunTask) -> None:
        """Say what a run does about a task."""
        with self._change() as base:
            base.execute(
                "INSERT INTO run_tasks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run, task) DO UPDATE "
                "SET key = excluded.key, state = excluded.state, reason = excluded.reason, "
                "attempts = excluded.attempts",
                (run, task.task, task.key, task.state, task.reason, task.attempts),
            )

    def run_tasks(self, run: int) -> list[RunTask]:
        """What a run does about its tasks, in their order."""
        rows = self._rows(
            "SELECT task, key, state, reason, attempts FROM run_tasks WHERE run = ? ORDER BY rowid",
            run,
        )
        return [RunTask(task=a, key=b, state=c, reason=d, attempts=e) for a, b, c, d, e in rows]

    # Events ------------------------------------------------------------------------------------

    def note(self, event: str, task: str, *, run: int | None = None, **facts: object) -> None:
        """Note that a plan was applied, rolled back, or the like."""
        with self._change() as base:
            base.execute(
                "INSERT INTO events (run, task, event, facts, at) VALUES (?, ?, ?, ?, ?)",
                (run, task, event, json.dumps(facts), now()),
            )

    def events(self, task: str | None = None) -> list[dict[str, Any]]:
        """What was noted, oldest first."""
        rows = self._rows(
            "SELECT number, run, task, event, facts, at FROM events "
            "WHERE ? IS NULL OR task = ? ORDER BY number", task, task,
        )  # fmt: skip
        return [
            {"number": n, "run": run, "task": name, "event": event, **json.loads(facts), "at": at}
            for n, run, name, event, facts, at in rows
        ]
