"""What commands print: tables on stdout, JSON on request, progress on stderr."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    import pandas as pd

    from signalopt.optimisers.search import Progress as Report

WIDTH = 80
NARROWEST_TEXT = 10


def print_json(document: object) -> None:
    """Print one JSON document; NaN becomes null."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf8")
    click.echo(json.dumps(_plain(document), indent=1, ensure_ascii=not utf8))


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain dictionaries, the index included."""
    return [
        {str(key): value for key, value in row.items()}
        for row in frame.reset_index().to_dict("records")
    ]


def console() -> Console:
    """Console for results; as wide as the terminal, 80 columns otherwise, no colour off one."""
    tty = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if tty else WIDTH, highlight=False, markup=False)


def print_table(
    title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    left: Container[int] = (0,),
    wrap: Container[int] = (0,),
) -> None:
    """Print a table.

    Parameters
    ----------
    title, headers, rows
        What it says.
    left
        Columns of text, aligned to the left; the others hold numbers.
    wrap
        Columns whose text may be broken to fit the width.
    """
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1),
        show_header=any(headers),
    )
    cells = [[number(cell) for cell in row] for row in rows]
    for k, header in enumerate(headers):
        longest = max((len(row[k]) for row in cells), default=0)
        table.add_column(
            Text(header),
            min_width=min(longest, NARROWEST_TEXT) if k in wrap else None,
            justify="left" if k in left else "right",
            overflow="fold",
            no_wrap=k not in wrap,
        )
    for row in cells:
        table.add_row(*map(Text, row))
    out = console()
    with out.capture() as captured:
        out.print(title, style="bold", soft_wrap=True)
        out.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_frame(title: str, frame: pd.DataFrame) -> None:
    """Print a frame with its index; columns that know nothing are left out."""
    known = frame.dropna(axis="columns", how="all")
    levels = known.index.nlevels
    print_table(
        title,
        [heading(str(name)) for name in (*known.index.names, *known.columns)],
        [
            (*(key if isinstance(key, tuple) else (key,)), *row.values())
            for key, row in known.to_dict("index").items()
        ],
        left=range(levels),
        wrap=range(levels),
    )


_UNITS = {
    "_s_per_veh": "s/veh",
    "_per_veh": "1/veh",
    "_vph": "veh/h",
    "_s": "s",
    "_m": "m",
    "_veh": "veh",
}
_SHORT = {
    "degree_of_saturation": "v/c",
    "effective_green": "green",
    "level_of_service": "LOS",
    "vehicle_class": "class",
    "travel_time": "travel",
}


def counted(number: int, what: str) -> str:
    """How many of something.

    Examples
    --------
    >>> counted(1, "error"), counted(0, "warning")
    ('1 error', '0 warnings')
    """
    return f"{number} {what}" + ("" if number == 1 else "s")


def heading(column: str) -> str:
    """A column's short name, its unit on a second line.

    Examples
    --------
    >>> heading("delay_s_per_veh"), heading("degree_of_saturation")
    ('delay\\ns/veh', 'v/c')
    """
    name = column.removesuffix("_id")
    for suffix, unit in _UNITS.items():
        if name.endswith(suffix):
            stem = name.removesuffix(suffix)
            return f"{_SHORT.get(stem, stem).replace('_', ' ')}\n{unit}"
    return _SHORT.get(name, name).replace("_", " ")


def number(value: object, digits: int = 4) -> str:
    """A cell's text: numbers to so many significant digits, nothing for unknown."""
    if isinstance(value, bool | str) or value is None:
        return str(value or "")
    if isinstance(value, tuple | list):
        return " ".join(number(v) for v in value)
    if isinstance(value, float | np.floating):
        return _decimal(float(value), digits)
    return str(value)


def _decimal(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "–"
    if value == 0 or (value == int(value) and abs(value) >= 10):
        return f"{value:.0f}"
    places = min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), 3)
    return f"{value:.{places}f}"


class ProgressBar:
    """Shows reports of progress on stderr: phase, best so far, time left. Keeps them as a log.

    Off a terminal nothing is shown.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[best]}"),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=1.0, best="")
        self._phase = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, report: Report, /) -> None:
        """Take note of a report."""
        gain = ""
        if math.isfinite(report.best):
            gain = f"objective {report.best:.1f} s/veh"
            if report.running > 0:
                gain += f" ({100 * (report.best / report.running - 1):+.1f} %)"
        self.lines.append(
            f"{report.runtime_s:8.1f} s  {report.phase:7}  {100 * report.share_done:3.0f} %  "
            f"{report.evaluations:4d} plans  {gain}"
        )
        if report.phase != self._phase:
            self._phase = report.phase
            self._bar.reset(self._task, total=1.0)
        self._bar.update(
            self._task, completed=report.share_done, description=report.phase, best=gain
        )
