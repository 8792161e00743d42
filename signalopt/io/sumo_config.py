"""Reading SUMO configurations (.sumocfg): which files, which window, which options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.io.times import seconds
from signalopt.io.xml import elements, require_file, root_tag

if TYPE_CHECKING:
    from pathlib import Path

_FILES = {
    "net-file": "net",
    "net": "net",
    "n": "net",
    "route-files": "routes",
    "routes": "routes",
    "r": "routes",
    "additional-files": "additional",
    "additional": "additional",
    "a": "additional",
}
_TIMES = {"begin": "begin", "b": "begin", "end": "end", "e": "end"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SumoConfig:
    """What a SUMO configuration says.

    Attributes
    ----------
    net, routes, additional
        Paths of the files, checked to exist.
    begin_s, end_s
        The window [s]; end is None if the configuration gives none.
    options
        All other options, as (name, value) pairs; those of SUMO's window left out.
    """

    net: Path
    routes: tuple[Path, ...]
    additional: tuple[Path, ...]
    begin_s: float
    end_s: float | None
    options: tuple[tuple[str, str], ...]


def read_sumo_config(path: Path) -> SumoConfig:
    """Read a SUMO configuration.

    Raises
    ------
    InputError
        If the file is broken, names no network or no demand, or names files that are missing.
    """
    if root_tag(path, what="configuration") not in ("configuration", "sumoConfiguration"):
        raise InputError(
            f"{path} is not a SUMO configuration (its root is not <configuration>); "
            "name a .sumocfg, or use --net and --routes"
        )
    files: dict[str, tuple[Path, ...]] = {"net": (), "routes": (), "additional": ()}
    times: dict[str, float | None] = {"begin": 0.0, "end": None}
    options: list[tuple[str, str]] = []
    for name, value in _options(path):
        if name in _FILES:
            names = [n.strip() for n in value.replace(" ", ",").split(",") if n.strip()]
            files[_FILES[name]] = tuple(
                require_file(path.parent / n, f"{path.name}: {name}") for n in names
            )
        elif name in _TIMES:
            times[_TIMES[name]] = seconds(value, str(path), name)
        else:
            options.append((name, _resolved(name, value, path.parent)))
    if not files["net"]:
        raise InputError(f"{path} names no network; add <net-file value=.../>")
    if not files["routes"] and not files["additional"]:
        raise InputError(f"{path} names no demand; add <route-files value=.../>")
    end_s = times["end"]
    return SumoConfig(
        net=files["net"][0],
        routes=files["routes"],
        additional=files["additional"],
        begin_s=times["begin"] or 0.0,
        end_s=end_s if end_s is not None and end_s > 0 else None,
        options=tuple(options),
    )


def _options(path: Path) -> list[tuple[str, str]]:
    found = []
    for element in elements(path, what="configuration"):
        if element.tag == "gui_only":
            continue
        for option in (element, *element):
            value = option.get("value", option.get("v"))
            if value is not None:
                found.append((option.tag, value))
    return found


def _resolved(name: str, value: str, folder: Path) -> str:
    """Values that are files are relative to the configuration."""
    if not name.endswith(("-file", "-files")):
        return value
    return ",".join(str(folder / part.strip()) for part in value.split(","))
