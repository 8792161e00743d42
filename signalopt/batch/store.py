"""Copies of input files under the hash of what they hold.

A task is computed from such copies: whoever edits a file while a batch runs changes nothing that
the batch reads, and a worker elsewhere has to be sent every content once only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.errors import InputError, StorageError
from signalopt.io.files import write_bytes

if TYPE_CHECKING:
    from pathlib import Path


def sha256(data: bytes) -> str:
    """The hash of some bytes."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Content:
    """What a file held when it was read.

    Attributes
    ----------
    digest
        Hash of its bytes.
    name
        Its name without folder; its ending says what it is.
    """

    digest: str
    name: str


class Store:
    """A folder with contents: ``DIGEST/NAME``.

    Parameters
    ----------
    folder
        The folder; made when something is put in.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, content: Content) -> Path:
        """Where a content is, or would be."""
        return self.folder / content.digest / content.name

    def put(self, content: Content, data: bytes) -> bool:
        """Keep bytes; whether they were new.

        Raises
        ------
        StorageError
            If they cannot be written.
        """
        path = self.path(content)
        if path.exists() and path.stat().st_size == len(data):
            return False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{path.parent} cannot be made ({error.strerror}); free some space"
            ) from error
        write_bytes(path, data)
        return True

    def take(self, path: Path) -> Content:
        """Copy a file as it is now.

        Raises
        ------
        InputError
            If it cannot be read.
        StorageError
            If the copy cannot be written.
        """
        data = _read(path)
        content = Content(digest=sha256(data), name=path.name)
        self.put(content, data)
        return content

    def read(self, content: Content) -> bytes:
        """The bytes of a content."""
        return self.path(content).read_bytes()


def still_holds(path: Path, content: Content) -> bool:
    """Whether a file still holds what was taken from it."""
    try:
        return sha256(path.read_bytes()) == content.digest
    except OSError:
        return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); is it there?") from error
