"""The figures of a report as CSV: one row a quantity, in the units of the summary."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import TYPE_CHECKING

from signalopt.reporting.report import make_report
from signalopt.reporting.rows import Row, rows
from signalopt.reporting.texts import texts
from signalopt.reporting.words import Words

if TYPE_CHECKING:
    from signalopt.reporting.run import Run

COLUMNS = tuple(f.name for f in fields(Row) if f.name != "path")


def render_csv(run: Run, language: str = "en") -> str:
    """The figures of a run as CSV with full precision; its words are those of the summary.

    Parameters
    ----------
    run
        The run.
    language
        Must be one that there is; figures and names are the same in all.
    """
    report = make_report(run)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows(report, Words(report, texts(language))):
        cells = [getattr(row, name) for name in COLUMNS]
        writer.writerow(["" if cell is None else cell for cell in cells])
    return stream.getvalue()
