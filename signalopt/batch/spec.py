"""A scenario as something that can be sent: its settings, and its files by their contents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signalopt.io.further_demands import with_demands
from signalopt.io.scenario import load_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalopt.batch.store import Content, Store
    from signalopt.model.benefit import Benefit
    from signalopt.model.objective import Objective
    from signalopt.model.scenario import Constraints, Scenario

Taken = tuple[Path, "Content"]
"""A file, and what it held when it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of a scenario with what they held.

    Attributes
    ----------
    network, routes, additional, calibration
        As in `Scenario`.
    in_force
        Files with plans in force, loaded after all other additional files.
    further
        Name, weight and route files of each further demand.
    """

    network: Taken
    routes: tuple[Taken, ...]
    additional: tuple[Taken, ...]
    in_force: tuple[Taken, ...] = ()
    further: tuple[tuple[str, float, tuple[Taken, ...]], ...] = ()
    calibration: Taken | None = None

    @property
    def all(self) -> tuple[Taken, ...]:
        """Every file."""
        own = (self.network, *self.routes, *self.additional, *self.in_force)
        more = tuple(taken for _, _, files in self.further for taken in files)
        return own + more + (() if self.calibration is None else (self.calibration,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSpec:
    """All that makes a scenario.

    Attributes
    ----------
    files
        Its files.
    name, description, source, begin_s, end_s, warm_up_s, sumo_options, constraints, objective,
    corridors, benefit
        As in `Scenario`.
    """

    files: Files
    name: str
    description: str
    source: Path
    begin_s: float
    end_s: float
    warm_up_s: float
    sumo_options: tuple[tuple[str, str], ...]
    constraints: Constraints
    objective: Objective
    corridors: dict[str, tuple[str, ...]]
    benefit: Benefit

    @property
    def contents(self) -> tuple[Content, ...]:
        """What a worker must have to load it, each content once."""
        return tuple(sorted({content for _, content in self.files.all}))

    def load(self, store: Store) -> Scenario:
        """Load it from copies of its files.

        Raises
        ------
        InputError
            If the files do not fit together.
        """
        files = self.files

        def paths(taken: Sequence[Taken]) -> tuple[Path, ...]:
            return tuple(store.path(content) for _, content in taken)

        scenario = load_files(
            store.path(files.network[1]),
            paths(files.routes),
            paths((*files.additional, *files.in_force)),
            begin_s=self.begin_s,
            end_s=self.end_s,
            name=self.name,
            description=self.description,
            source=self.source,
            warm_up_s=self.warm_up_s,
            sumo_options=self.sumo_options,
            constraints=self.constraints,
            objective=self.objective,
            corridors=self.corridors,
            calibration=None if files.calibration is None else store.path(files.calibration[1]),
            benefit=self.benefit,
        )
        return with_demands(scenario, [(n, w, paths(taken)) for n, w, taken in files.further])


def spec_of(
    scenario: Scenario,
    store: Store,
    *,
    routes: Sequence[Path] = (),
    in_force: Sequence[Path] = (),
    objective: Objective | None = None,
) -> ScenarioSpec:
    """Take copies of a scenario's files as they are now.

    Parameters
    ----------
    scenario
        The scenario.
    store
        Where copies are kept.
    routes
        Route files that take the place of its own.
    in_force
        Files with plans in force, which run instead of the programs that its own files hold.
    objective
        What is minimised instead.

    Raises
    ------
    InputError
        If a file cannot be read.
    StorageError
        If a copy cannot be written.
    """

    def take(paths: Sequence[Path]) -> tuple[Taken, ...]:
        return tuple((path.absolute(), store.take(path)) for path in paths)

    return ScenarioSpec(
        files=Files(
            network=take([scenario.network_path])[0],
            routes=take(routes or scenario.route_paths),
            additional=take(scenario.additional_paths),
            in_force=take(in_force),
            further=tuple(
                (d.name, d.weight, take(d.route_paths)) for d in scenario.further_demands
            ),
            calibration=None
            if scenario.calibration_path is None
            else take([scenario.calibration_path])[0],
        ),
        name=scenario.name,
        description=scenario.description,
        source=scenario.source.absolute(),
        begin_s=scenario.begin_s,
        end_s=scenario.end_s,
        warm_up_s=scenario.warm_up_s,
        sumo_options=scenario.sumo_options,
        constraints=scenario.constraints,
        objective=objective or scenario.objective,
        corridors=dict(scenario.corridors),
        benefit=scenario.benefit,
    )
