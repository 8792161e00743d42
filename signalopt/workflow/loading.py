"""Loading scenarios, and plans for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.io.further_demands import with_demands as _with_demands
from signalopt.io.plan_json import read_plan_json
from signalopt.io.scenario import load_files as _load_files
from signalopt.io.scenario import load_scenario
from signalopt.io.sumo_plan import read_programs
from signalopt.io.sumo_timetable import lasting_programs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signalopt.model.plan import PlanSet, Program
    from signalopt.model.scenario import Scenario


def load(
    path: str | Path,
    *,
    period: str | None = None,
    begin_s: float | None = None,
    end_s: float | None = None,
) -> Scenario:
    """Load a scenario from a folder, a scenario.toml or a SUMO configuration.

    Parameters
    ----------
    path
        A folder with a ``scenario.toml`` (or one ``.sumocfg``), or either file.
    period
        Name of one of the scenario's periods; the first if None.
    begin_s, end_s
        Window that replaces the scenario's own [s].

    Raises
    ------
    InputError
        If the files are missing, broken or do not fit together.
    """
    return load_scenario(Path(path), period=period, begin_s=begin_s, end_s=end_s)


def load_files(
    net: str | Path,
    routes: Iterable[str | Path],
    additional: Iterable[str | Path] = (),
    *,
    begin_s: float = 0.0,
    end_s: float | None = None,
) -> Scenario:
    """Load a scenario from a SUMO network and route files.

    Parameters
    ----------
    net, routes, additional
        SUMO's files.
    begin_s, end_s
        Window [s]; without an end, up to the full quarter of an hour after the last departure.

    Raises
    ------
    InputError
        If the files are missing, broken or do not fit together.
    """
    return _load_files(
        Path(net),
        tuple(Path(p) for p in routes),
        tuple(Path(p) for p in additional),
        begin_s=begin_s,
        end_s=end_s,
    )


def with_demands(
    scenario: Scenario,
    demands: Mapping[str, str | Path | Iterable[str | Path]],
    weights: Mapping[str, float] | None = None,
) -> Scenario:
    """The scenario with further demands, such as other days, that a plan must suit as well.

    Parameters
    ----------
    scenario
        Its own demand stays the first one, with weight 1.
    demands
        Route files by the demand's name; they take the place of the scenario's own route files.
    weights
        How much they count, by name; 1 if a name is missing.

    Raises
    ------
    InputError
        If a file is broken, nobody departs in the window, a weight is not above 0, or two demands
        have the same name.

    Examples
    --------
    >>> import signalopt as so
    >>> scenario = so.load("scenarios/arterial")  # doctest: +SKIP
    >>> so.with_demands(scenario, {"fair": "fair.rou.xml"}, {"fair": 0.2})  # doctest: +SKIP
    """
    given = weights or {}
    return _with_demands(
        scenario,
        [
            (name, given.get(name, 1.0), [Path(p) for p in _listed(files)])
            for name, files in demands.items()
        ],
    )


def _listed(files: str | Path | Iterable[str | Path]) -> Iterable[str | Path]:
    return [files] if isinstance(files, str | Path) else files


def load_plan(scenario: Scenario, path: str | Path) -> PlanSet:
    """Read a plan for a scenario: a plan.json, a SUMO additional file, or a run's folder.

    Raises
    ------
    InputError
        If the file is broken or names signals that the scenario lacks.
    """
    programs = read_plan_programs(path)
    unknown = sorted({p.signal_id for p in programs} - scenario.plan.programs.keys())
    if unknown:
        raise InputError(
            f"plan {path} is for signal {unknown[0]!r}, which {scenario.name} does not have; "
            "is it a plan for another network?"
        )
    return replace(
        scenario.plan,
        programs={**scenario.plan.programs, **{p.signal_id: p for p in programs}},
    )


def read_plan_programs(path: str | Path) -> list[Program]:
    """All programs that a plan file holds, as they are written.

    Of the file of a day, every plan; not the changes between them, which are shown once.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "plan.json"
    if path.suffix == ".json":
        return list(read_plan_json(path))
    return lasting_programs(read_programs([path]))
