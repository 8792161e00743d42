"""The ledger's file: its schema, and what to do when it is damaged."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from signalopt.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1
WAIT_S = 30.0
TABLES = """
CREATE TABLE runs (
  run INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL,          -- running, nothing, proposed, applied, failed, interrupted
  began TEXT NOT NULL,          -- for people; the order is that of the numbers
  ended TEXT,
  document TEXT
);
CREATE TABLE run_tasks (
  run INTEGER NOT NULL REFERENCES runs(run),
  task TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,          -- waiting, running, done, failed, skipped, outdated
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, task)
);
CREATE TABLE records (
  sequence INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  task TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  verdict TEXT NOT NULL,
  gain_share REAL, gain_low REAL, gain_high REAL,
  plan_sha256 TEXT NOT NULL,
  folder TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE TABLE times (
  key TEXT NOT NULL REFERENCES records(key) ON DELETE CASCADE,
  part TEXT NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (key, part)
);
CREATE TABLE events (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER, task TEXT NOT NULL, event TEXT NOT NULL, facts TEXT NOT NULL, at TEXT NOT NULL
);
"""


class DamagedLedgerError(StorageError):
    """The ledger's file is damaged."""


def open_base(path: Path) -> sqlite3.Connection:
    """Open a ledger's file; its transactions are begun by hand."""
    return sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)


def said_of(path: Path, why: str) -> str:
    """What is wrong with a damaged ledger, and what to do."""
    return (
        f"ledger {path} is damaged ({' '.join(why.split())}); add --rebuild: the file is put "
        "aside and made anew from the results' folders, which hold all of it"
    )


def rebuild(state: Path) -> Path | None:
    """Put a ledger aside, so that the next one is made anew from the results' folders.

    Returns
    -------
    pathlib.Path or None
        Where the old file is now; None if there was none.

    Raises
    ------
    StorageError
        If it cannot be moved.
    """
    path = state / "ledger.sqlite"
    if not path.exists():
        return None
    number = 1
    while (aside := state / f"ledger.damaged-{number}.sqlite").exists():
        number += 1
    try:
        for ending in ("-wal", "-shm", ""):  # the file itself last: until then nothing is new
            part = path.with_name(path.name + ending)
            if part.exists():
                part.replace(aside.with_name(aside.name + ending))
    except OSError as error:
        raise StorageError(f"{path} cannot be moved ({error.strerror})") from error
    return aside
