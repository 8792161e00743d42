"""Writing an edited scenario: its own files in a folder that loads like any other scenario."""

from __future__ import annotations

import gzip
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from signalopt.errors import StorageError
from signalopt.io.files import write_bytes, write_text
from signalopt.io.scenario import load_scenario
from signalopt.io.scenario_writer import scenario_toml
from signalopt.io.xml import elements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signalopt.model.scenario import Scenario

_REFERENCES = ("file", "href", "imgFile", "osgFile", "output", "dest")
_kept: list[tempfile.TemporaryDirectory[str]] = []
"""Folders of edited scenarios that nobody asked to keep; they go when Python ends."""


@dataclass(frozen=True, kw_only=True, eq=False)
class XmlFile:
    """A demand or additional file in memory.

    Attributes
    ----------
    path
        Where it was read from.
    root
        Its content; who edits it owns it.
    """

    path: Path
    root: ET.Element


def read_xml(paths: Sequence[Path], what: str) -> list[XmlFile]:
    """Read files whole; what they refer to is named so that it is found from anywhere.

    Raises
    ------
    InputError
        If a file is missing or broken.
    """
    found = []
    for path in paths:
        root = next(iter(elements(path, what=what, at_depth=0)))
        for element in root.iter():
            for key in _REFERENCES:
                value = element.get(key)
                if value and value != "NUL" and not Path(value).is_absolute():
                    element.set(key, str(path.absolute().parent / value))
        found.append(XmlFile(path=path, root=root))
    return found


def write_xml(files: Sequence[XmlFile], folder: Path) -> tuple[Path, ...]:
    """Write files into a folder under their own names, apart where two share one."""
    written: list[Path] = []
    for file in files:
        target, number = folder / file.path.name, 2
        while target in written or target.exists():
            target, number = folder / f"{number}-{file.path.name}", number + 1
        ET.indent(file.root, space="    ")
        data = ET.tostring(file.root, encoding="UTF-8", xml_declaration=True) + b"\n"
        if target.suffix == ".gz":
            data = gzip.compress(data, mtime=0)
        write_bytes(target, data)
        written.append(target)
    return tuple(written)


@contextmanager
def edit_folder(folder: str | Path | None) -> Iterator[Path]:
    """The folder that an edited scenario is written to.

    Parameters
    ----------
    folder
        A new or empty one; None for one that is removed when Python ends.

    Raises
    ------
    StorageError
        If it holds something, or cannot be written.
    """
    if folder is None:
        temporary = tempfile.TemporaryDirectory(prefix="signalopt-edit-")
        _kept.append(temporary)
        yield Path(temporary.name)
        return
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise StorageError(f"{place} is not empty; name a new folder for the edited scenario")
    except OSError as error:
        raise StorageError(
            f"{place} cannot be written ({error.strerror}); choose another folder"
        ) from error
    yield place


def save_edited(edited: Scenario, folder: Path) -> Scenario:
    """Write the scenario.toml of an edited scenario beside its files, and load it.

    Parameters
    ----------
    edited
        Names the new files; what it holds in memory is not looked at, but read from them.
    folder
        Where the new files are.

    Raises
    ------
    InputError
        If the edited files do not fit together.
    """
    path = folder / "scenario.toml"
    write_text(path, scenario_toml(replace(edited, source=path), folder))
    return load_scenario(path)
