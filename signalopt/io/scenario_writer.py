"""Writing a scenario.toml that reads back as the scenario it came from."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalopt.model.benefit import Benefit
from signalopt.model.objective import Objective
from signalopt.model.scenario import AUTO, Constraints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signalopt.model.scenario import Scenario


def scenario_toml(scenario: Scenario, folder: Path) -> str:
    """The text of a scenario.toml for a folder.

    Parameters
    ----------
    scenario
        Only its own window is written, as the period ``window``.
    folder
        Where the text will stand: the scenario's files are named from there.

    Returns
    -------
    str
        Loading it from that folder gives the same files, window, constraints, objective,
        prices, corridors and further demands.
    """

    def names(paths: Iterable[Path]) -> list[str]:
        return [_from(folder, path) for path in paths]

    table: dict[str, Any] = {
        "name": scenario.name,
        "description": scenario.description,
        "network": _from(folder, scenario.network_path),
        "demand": names(scenario.route_paths),
        "additional": names(scenario.additional_paths),
        "warm_up_s": scenario.warm_up_s,
    }
    if scenario.calibration_path is not None:
        table["calibration"] = _from(folder, scenario.calibration_path)
    table["periods"] = {"window": {"begin_s": scenario.begin_s, "end_s": scenario.end_s}}
    table["constraints"] = _constraints(scenario.constraints)
    table["objective"] = _changed(scenario.objective, Objective())
    table["benefit"] = _changed(scenario.benefit, Benefit())
    table["corridors"] = {k: {"signals": list(v)} for k, v in scenario.corridors.items()}
    table["demands"] = [
        {"name": d.name, "weight": d.weight, "files": names(d.route_paths)}
        for d in scenario.further_demands
    ]
    table["sumo"] = {name: _option(name, value) for name, value in scenario.sumo_options}
    return _document(table)


def _from(folder: Path, path: Path) -> str:
    """A path as seen from a folder, or absolute where the folder lies on another drive."""
    try:
        return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
    except ValueError:
        return path.absolute().as_posix()


def _option(name: str, value: str) -> str:
    if not name.endswith(("-file", "-files")):
        return value
    return ",".join(str(Path(part).absolute()) for part in value.split(","))


def _changed(given: object, default: object) -> dict[str, Any]:
    """The fields that differ from a default."""
    pairs = ((f.name, getattr(given, f.name)) for f in fields(default))  # type: ignore[arg-type]  # a dataclass
    return {name: value for name, value in pairs if value != getattr(default, name)}


def _constraints(constraints: Constraints) -> dict[str, Any]:
    found = _changed(constraints, Constraints())
    if "turns" in found:
        found["turns"] = constraints.turns.value
    if found.get("cycle_groups", AUTO) != AUTO:
        found["cycle_groups"] = [{"signals": list(g)} for g in constraints.listed_groups]
    for name in ("keep_stages", "keep_splits", "keep_offsets"):
        if found.get(name) == ("all",):
            found[name] = "all"
    return found


def _document(table: Mapping[str, Any]) -> str:
    plain = {k: v for k, v in table.items() if not isinstance(v, dict) and not _is_tables(v)}
    lines = [f"{_key(k)} = {_value(v)}" for k, v in plain.items()]
    for name, value in table.items():
        if name in plain or not value:
            continue
        lines += _tables(name, value) if isinstance(value, list) else _table((name,), value)
    return "\n".join(lines) + "\n"


def _tables(name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    found = []
    for row in rows:
        found += ["", f"[[{_key(name)}]]", *(f"{_key(k)} = {_value(v)}" for k, v in row.items())]
    return found


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> list[str]:
    inner = {k: v for k, v in table.items() if isinstance(v, dict)}
    own = {k: v for k, v in table.items() if k not in inner}
    lines = []
    if own:
        lines += ["", f"[{'.'.join(map(_key, path))}]"]
        lines += [f"{_key(k)} = {_value(v)}" for k, v in own.items()]
    for name, value in inner.items():
        lines += _table((*path, name), value)
    return lines


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _value(name)


def _value(value: object) -> str:
    """A value in TOML; its strings are JSON's, apart from the escapes that only JSON has."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    raise TypeError(f"{type(value).__name__} has no place in a scenario.toml")
