"""Drawing a picture into a page."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from signalopt.plotting.files import close, svg_text
from signalopt.reporting.svg import inline_svg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes

    from signalopt.reporting.texts import Texts


def drawn(
    draw: Callable[[], Axes],
    texts: Texts,
    *,
    prefix: str,
    label: str,
    titles: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """A picture as an ``svg`` element.

    Parameters
    ----------
    draw
        Draws it.
    texts
        The language of its words.
    prefix, label, titles
        See `signalopt.reporting.svg.inline_svg`.
    """
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        # Street names may hold letters that matplotlib's own font lacks; the reader's has them.
        ax = draw()
        text = svg_text(ax)
    close(ax)
    return inline_svg(text, prefix=prefix, label=label, translated=texts.translated, titles=titles)
