"""Plans in force: one file per task that SUMO loads, and every plan that ever was, by number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.batch.log import now
from signalopt.batch.naming import slug
from signalopt.batch.store import sha256
from signalopt.errors import InputError, StorageError
from signalopt.io.files import new_folder, write_bytes, write_text

if TYPE_CHECKING:
    from pathlib import Path

PLAN = "plan.add.xml"
ABOUT = "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A plan that was in force once.

    Attributes
    ----------
    number
        Its number, from 1 on.
    digest
        Hash of its bytes.
    origin
        ``before`` (the programs that ran when the first plan was applied), ``proposed``, or
        ``found`` (somebody else's, that was in force when a plan was applied).
    key
        Content hash of the task whose result it is; empty otherwise.
    kept
        When, for people.
    path
        Its file.
    """

    number: int
    digest: str
    origin: str
    key: str
    kept: str
    path: Path


class PlansInForce:
    """The plans of one task: the one in force, and all earlier ones.

    Parameters
    ----------
    state
        Folder of the batch, which keeps every version.
    task
        Name of the task.
    file
        Where the plan in force is.
    """

    def __init__(self, state: Path, task: str, file: Path) -> None:
        self.task = task
        self.file = file
        self._folder = state / "versions" / slug(task)

    def versions(self) -> list[Version]:
        """All plans, oldest first.

        Raises
        ------
        StorageError
            If one was altered or cannot be read.
        """
        found = []
        for folder in sorted(self._folder.glob("[0-9]*")):
            path = folder / PLAN
            try:
                about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
                digest = sha256(path.read_bytes())
            except (OSError, ValueError) as error:
                raise StorageError(f"{folder} cannot be read ({error}); restore it") from error
            if digest != about["digest"]:
                raise StorageError(f"{path} was altered since it was kept; restore it")
            fields = {name: about[name] for name in ("digest", "origin", "key", "kept")}
            found.append(Version(number=int(folder.name), path=path, **fields))
        return found

    def current(self) -> Version | None:
        """The version in force; None if no plan is, or one that no version knows."""
        data = self._bytes()
        if data is None:
            return None
        digest = sha256(data)
        return next((v for v in reversed(self.versions()) if v.digest == digest), None)

    def apply(self, data: bytes, *, key: str, before: bytes) -> Version:
        """Put a plan in force. Whatever is in force now is kept first.

        Parameters
        ----------
        data
            The plan's bytes.
        key
            Content hash of the task whose result it is.
        before
            The programs that run now as a file, should no plan be in force yet.

        Returns
        -------
        Version
            Of the plan.

        Raises
        ------
        StorageError
            If there is no room; what is in force stays as it is.
        """
        old = self._bytes()
        if old is None:
            self._keep(before, origin="before", key="")
        else:
            self._keep(old, origin="found", key="")
        version = self._keep(data, origin="proposed", key=key)
        self._put(version)
        return version

    def rollback(self, number: int | None = None) -> Version:
        """Put an earlier plan in force again, byte for byte.

        Parameters
        ----------
        number
            Its number; the one before the plan in force if None.

        Raises
        ------
        InputError
            If there is no such plan.
        StorageError
            If there is no room; what is in force stays as it is.
        """
        versions = self.versions()
        if not versions:
            raise InputError(f"no plan of {self.task} was ever applied; there is nothing to undo")
        if number is None:
            current = self.current()
            last = versions[-1].number + 1 if current is None else current.number
            number = last - 1
        chosen = next((v for v in versions if v.number == number), None)
        if chosen is None:
            there = f"1 to {versions[-1].number}"
            raise InputError(f"{self.task} has no plan number {number}; there are {there}")
        old = self._bytes()
        if old is not None:
            self._keep(old, origin="found", key="")
        self._put(chosen)
        return chosen

    def _bytes(self) -> bytes | None:
        return self.file.read_bytes() if self.file.exists() else None

    def _keep(self, data: bytes, *, origin: str, key: str) -> Version:
        """Keep a plan under the next number, unless it is kept already."""
        versions, digest = self.versions(), sha256(data)
        known = next((v for v in versions if v.digest == digest), None)
        if known is not None:
            return known
        number = versions[-1].number + 1 if versions else 1
        about = {"digest": digest, "origin": origin, "key": key, "kept": now()}
        with new_folder(self._folder / f"{number:04d}") as folder:
            write_bytes(folder / PLAN, data)
            write_text(folder / ABOUT, json.dumps({"task": self.task, **about}, indent=1) + "\n")
        return Version(number=number, path=self._folder / f"{number:04d}" / PLAN, **about)

    def _put(self, version: Version) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{self.file.parent} cannot be made ({error.strerror}); choose another folder"
            ) from error
        write_bytes(self.file, version.path.read_bytes())
