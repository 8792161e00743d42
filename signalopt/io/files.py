"""Writing results so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator


def _refused(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be written ({error.strerror}); choose another place")


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, as `write_bytes`.

    Raises
    ------
    StorageError
        If the folder cannot be written or is full; a file that was there stays as it was.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically: into a neighbour, synced, then moved into place.

    Raises
    ------
    StorageError
        If the folder cannot be written or is full; a file that was there stays as it was.
    """
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary neighbour to fill, which takes the name `path` once all is written.

    If anything goes wrong inside, nothing appears under `path`. An existing folder is replaced
    only if it is empty or holds an earlier run (it has a ``summary.json``).

    Raises
    ------
    StorageError
        If the place cannot be written or holds something else.
    """
    require_writable(path)
    path = path.absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise _refused(path, error) from error
    try:
        yield part
        part.chmod(0o755)
        _swap(part, path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _swap(part: Path, path: Path) -> None:
    """Move a folder into the place of another; if that fails, the other stays."""
    old = part.with_name(part.name + ".old")
    if path.exists():
        path.replace(old)
    try:
        part.replace(path)
    except OSError:
        if old.exists():
            old.replace(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def require_writable(path: Path) -> None:
    """Check early, before hours of work, that a run folder can be written.

    Raises
    ------
    StorageError
        If it cannot.
    """
    path = path.absolute()
    try:
        _require_place(path)
    except OSError as error:
        raise _refused(path, error) from error


def _require_place(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise StorageError(f"{path} is a file; name a folder for the results")
    if path.is_dir() and any(path.iterdir()) and not (path / "summary.json").exists():
        raise StorageError(
            f"{path} is not empty and holds no earlier run; choose an empty or new folder"
        )
    nearest = next(p for p in (path, *path.parents) if p.exists())
    # A folder is replaced by moving its neighbour into place, so its parent is written to.
    target = path.parent if nearest == path else nearest
    if not _takes_folders(target):
        raise StorageError(f"{path} cannot be written ({target} is not writable); choose another")


def _takes_folders(place: Path) -> bool:
    """Whether a folder can be made there: permissions alone do not say it of every disk."""
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".signalopt-"):
            return True
    except OSError:
        return False


def require_writable_file(path: Path) -> None:
    """Check early that a file can be written at a place; nothing is left there.

    Raises
    ------
    StorageError
        If it cannot.
    """
    if path.is_dir():
        raise StorageError(f"{path} is a folder; name a file")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _refused(path, error) from error
    os.close(handle)
    Path(name).unlink()
