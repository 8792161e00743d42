"""The report as one HTML file that holds everything it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.reporting.background import Background
from signalopt.reporting.cells import MARKS, Cells
from signalopt.reporting.page import rendered
from signalopt.reporting.pictures import Pictures
from signalopt.reporting.report import make_report
from signalopt.reporting.texts import texts as catalogue
from signalopt.reporting.words import Words

if TYPE_CHECKING:
    from signalopt.reporting.run import Run

SHOWN_LOSERS = 12
"""Rows of a table of losers; the rest is in the table of all movements."""


def render_html(run: Run, language: str = "en") -> str:
    """The report of a run as a page of its own.

    Parameters
    ----------
    run
        The run.
    language
        ``en``, ``de`` or ``zh``.

    Raises
    ------
    InputError
        If there is no such language.
    """
    texts = catalogue(language)
    report = make_report(run)
    words = Words(report, texts)
    return rendered(
        "report.html.j2",
        language,
        report=report,
        t=texts,
        w=words,
        background=Background(report, texts),
        cells=Cells(texts, words),
        pictures=Pictures(run, report, texts),
        marks=MARKS,
        shown_losers=SHOWN_LOSERS,
    )
