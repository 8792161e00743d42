"""Saving pictures: SVG with real letters, PNG and PDF; the same picture gives the same file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from signalopt.errors import InputError
from signalopt.io.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PNG_DPI: Final = 200

# With a date, every run would write another file.
_METADATA: Final[dict[str, dict[str, Any]]] = {
    ".svg": {"Date": None, "Creator": "signalopt"},
    ".png": {"Software": "signalopt"},
    ".pdf": {"CreationDate": None, "Creator": "signalopt"},
}


def save(picture: Figure | Axes, path: str | Path) -> Path:
    """Write a picture; the file's ending chooses the format.

    The same picture gives the same bytes. Letters in SVG stay letters: they can be searched,
    read aloud and copied.

    Parameters
    ----------
    picture
        A figure, or axes of the figure to save.
    path
        Ends in ``.svg``, ``.png`` or ``.pdf``.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    InputError
        If the ending is none of these.
    StorageError
        If the place cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in _METADATA:
        raise InputError(f"{path} ends in none of {', '.join(_METADATA)}; choose one of them")
    write_bytes(path, _drawn(picture, ending))
    return path


def svg_text(picture: Figure | Axes) -> str:
    """A picture as the text of an SVG file, with letters that stay letters.

    Raises
    ------
    InputError
        If the axes belong to no figure.
    """
    return _drawn(picture, ".svg").decode()


def close(picture: Figure | Axes) -> None:
    """Free a figure that is not needed any more."""
    figure = picture if isinstance(picture, Figure) else picture.get_figure(root=True)
    if figure is not None:
        plt.close(figure)


def _drawn(picture: Figure | Axes, ending: str) -> bytes:
    figure = picture if isinstance(picture, Figure) else picture.get_figure(root=True)
    if figure is None:
        raise InputError("the axes belong to no figure any more; draw the picture again")
    stream = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "signalopt", "svg.fonttype": "none"}):
        figure.savefig(
            stream,
            format=ending[1:],
            dpi=PNG_DPI,
            metadata=_METADATA[ending],
            facecolor="white",
        )
    return stream.getvalue()
