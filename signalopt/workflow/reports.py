"""Reports of runs, written to files."""

from __future__ import annotations

from pathlib import Path
from pkgutil import resolve_name
from typing import Final

from signalopt.errors import InputError
from signalopt.io.files import write_text
from signalopt.optimisers.result import OptimisationResult
from signalopt.reporting.run import Run
from signalopt.workflow.saved import load_run, run_of

_RENDERERS: Final = {
    "html": "signalopt.reporting.html:render_html",
    "md": "signalopt.reporting.markdown:render_markdown",
    "csv": "signalopt.reporting.delimited:render_csv",
}


def report(
    source: OptimisationResult | Run | str | Path,
    path: str | Path,
    *,
    language: str = "en",
    style: str | None = None,
) -> Path:
    """Write the before/after report of a run.

    Parameters
    ----------
    source
        What `optimise` returned, what `load_run` read, or the folder of a run.
    path
        Where to write it; its ending chooses the format unless `style` does.
    language
        ``en``, ``de`` or ``zh``.
    style
        ``html``, ``md`` or ``csv``.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    InputError
        If the run cannot be read, or there is no such format or language.
    StorageError
        If the place cannot be written.
    """
    path = Path(path)
    chosen = style or path.suffix.removeprefix(".").lower()
    if chosen not in _RENDERERS:
        raise InputError(f"{path} ends in none of .html, .md and .csv; choose one of them")
    write_text(path, render(source, language=language, style=chosen))
    return path


def render(
    source: OptimisationResult | Run | str | Path, *, language: str = "en", style: str = "html"
) -> str:
    """The text of a report; see `report`."""
    if isinstance(source, OptimisationResult):
        source = run_of(source)
    elif not isinstance(source, Run):
        source = load_run(source)
    # Only now: pictures load matplotlib, which takes a second.
    rendered: str = resolve_name(_RENDERERS[style])(source, language)
    return rendered
