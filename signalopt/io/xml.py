"""The one gate through which XML comes in: plain or gzip, checked before anyone parses it.

The documents come from strangers. A DOCTYPE is refused, and with it every entity bomb and
external entity; so are documents that inflate beyond reason. Only then do sumolib, SUMO and the
standard library's parser get to see them. (`defusedxml` guards against entities as well, but
parses in pure Python, ten times slower than needed for route files of many megabytes.)
"""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from xml.etree import ElementTree as ET
from xml.parsers import expat

from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_INFLATED_BYTES = 512 * 2**20
MAX_DEPTH = 64
_CHUNK = 2**16
_Stream: TypeAlias = gzip.GzipFile | io.BufferedReader
_GZIP_MAGIC = b"\x1f\x8b"


def require_file(path: Path, what: str) -> Path:
    """Return a path if a readable file is there.

    Raises
    ------
    InputError
        If there is none, naming what it was to be and its nearest existing folder.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"{what} {path} is a folder; name a file")
        if not path.exists():
            raise InputError(f"{what} {path} does not exist; check the path")
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(
            f"{what} {path} cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    return path


@contextlib.contextmanager
def open_xml(path: Path, what: str = "file") -> Iterator[io.BufferedIOBase]:
    """Open a plain or gzip XML file for reading after looking at its prolog.

    Raises
    ------
    InputError
        If it is missing, is not gzip though its name ends in .gz, is not XML, or declares a
        DOCTYPE.
    """
    path = require_file(path, what)
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        is_gzip = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        if path.suffix == ".gz" and not is_gzip:
            raise InputError(
                f"{what} {path} ends in .gz but is not gzip data; rename it or compress it again"
            )
        stream: _Stream = stack.enter_context(gzip.open(raw)) if is_gzip else raw
        limited = _Limited(stream, path, what)
        try:
            _check_prolog(limited, path, what)
            limited.rewind()
            yield limited
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(
                f"{what} {path} is damaged gzip data ({error}); copy or compress it again"
            ) from error


class _Limited(io.BufferedIOBase):
    """A stream that refuses to deliver more than MAX_INFLATED_BYTES."""

    def __init__(self, stream: _Stream, path: Path, what: str) -> None:
        super().__init__()
        self._stream, self._path, self._what, self._read = stream, path, what, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > MAX_INFLATED_BYTES:
            raise InputError(
                f"{self._what} {self._path} holds more than {MAX_INFLATED_BYTES // 2**20} MiB of "
                "XML; split it"
            )
        return data

    def rewind(self) -> None:
        self._stream.seek(0)
        self._read = 0


class _RootSeenError(Exception):
    pass


def _check_prolog(stream: _Limited, path: Path, what: str) -> None:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise InputError(
            f"{what} {path} declares a DOCTYPE, which may hide entity bombs; remove the declaration"
        )

    def root_seen(*_: object) -> None:
        raise _RootSeenError

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = root_seen
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003 (expat takes no keyword)
        parser.Parse(b"", True)  # noqa: FBT003
    except _RootSeenError:
        return
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: its encoding
        raise _not_xml(path, what, error) from error


def _not_xml(path: Path, what: str, error: Exception) -> InputError:
    return InputError(f"{what} {path} is not well-formed XML: {error}; is it complete?")


def elements(path: Path, *, what: str = "file", at_depth: int = 1) -> Iterator[ET.Element]:
    """The elements of an XML file one by one, in order, each complete with its children.

    Parameters
    ----------
    path, what
        The file, and what messages call it.
    at_depth
        Depth of the elements wanted: 0 is the root, 1 its children.

    Raises
    ------
    InputError
        If the file is not well-formed or nests deeper than ``MAX_DEPTH``.
    """
    with open_xml(path, what) as stream:
        depth = 0
        root: ET.Element | None = None
        try:
            for event, element in ET.iterparse(stream, events=("start", "end")):  # noqa: S314 (gate)
                if event == "start":
                    root = element if root is None else root
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise InputError(f"{what} {path} nests deeper than {MAX_DEPTH} elements")
                    continue
                depth -= 1
                if depth == at_depth:
                    yield element
                    element.clear()
                    if root is not None and at_depth == 1:
                        root.remove(element)
        except ET.ParseError as error:
            raise _not_xml(path, what, error) from error


def root_tag(path: Path, *, what: str = "file") -> str:
    """Name of the document's root element."""
    with open_xml(path, what) as stream:
        try:
            for _, element in ET.iterparse(stream, events=("start",)):  # noqa: S314 (gate)
                return str(element.tag)
        except ET.ParseError as error:
            raise _not_xml(path, what, error) from error
    raise InputError(f"{what} {path} is empty")
