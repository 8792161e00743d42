"""Cells of tables in HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from markupsafe import Markup

from signalopt.reporting.change import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.reporting.change import Change
    from signalopt.reporting.figures import Figures
    from signalopt.reporting.texts import Texts

    Record: TypeAlias = Mapping[str, Any]

MARKS = {Tone.BETTER: "✓", Tone.WORSE: "✗", Tone.UNCLEAR: "≈", Tone.NEUTRAL: ""}


class Cells:
    """Table cells: the figure as it is written, and as the summary holds it.

    ``data-path`` says where in the summary the figure stands, ``data-value`` is it; tables are
    sorted by it.
    """

    def __init__(self, texts: Texts, figures: Figures) -> None:
        self._texts = texts
        self._figures = figures

    def figure(self, change: Change, name: str, digits: int | None = None) -> Markup:
        """One figure of a change; with these decimals, in the unit of the file."""
        value = getattr(change, name)
        text = (
            self._figures.figure(change, name)
            if digits is None
            else self._texts.number(value, digits)
        )
        return self._cell(text, value, f"{change.path}.{name}")

    def change(self, change: Change | None) -> Markup:
        """Before, after, relative difference, what it means, difference and interval."""
        if change is None:
            return Markup("").join(self._cell(self._texts.number(None), None) for _ in range(6))
        interval = Markup('<td class="num" data-value="{}">{}</td>').format(
            "" if change.low is None else repr(change.low), self._figures.interval(change)
        )
        cells = [
            self.figure(change, "before"),
            self.figure(change, "after"),
            self._cell(self._texts.percent(change.relative), change.relative),
            self.tone(change),
            self.figure(change, "difference"),
            interval,
        ]
        return Markup("").join(cells)

    def tone(self, change: Change) -> Markup:
        """Whether it got better, in words and with a mark."""
        tone = change.tone
        return Markup('<td class="tone {}">{} {}</td>').format(
            tone.value, MARKS[tone], self._texts(f"tone.{tone.value}")
        )

    def number(
        self,
        row: Record | None,
        name: str,
        path: str,
        digits: int = 1,
    ) -> Markup:
        """A figure of a row of the summary, which may be missing."""
        value = None if row is None else row.get(name)
        return self._cell(self._texts.number(value, digits), value, f"{path}.{name}" if row else "")

    def letter(self, row: Record | None, name: str, path: str) -> Markup:
        """A word of a row of the summary."""
        value = (row or {}).get(name) or ""
        return Markup('<td class="letter" data-value="{}" {}>{}</td>').format(
            value, _path(f"{path}.{name}" if row else ""), value or self._texts.number(None)
        )

    def signed(self, row: Record | None, name: str, path: str, digits: int) -> Markup:
        """A figure with its sign."""
        value = None if row is None else row.get(name)
        return self._cell(self._texts.number(value, digits, signed=True), value, f"{path}.{name}")

    def share(self, row: Record | None, name: str, path: str) -> Markup:
        """A share in per cent."""
        value = None if row is None else row.get(name)
        text = self._texts.percent(value, 0).lstrip("+")
        return self._cell(text, value, f"{path}.{name}")

    def queue(self, row: Record | None, path: str) -> Markup:
        """The 95 % queue; marked where it is longer than its storage."""
        value = (row or {}).get("queue_95_m")
        text = self._texts.number(value, 0)
        if row and (row.get("storage_ratio") or 0) > 1:
            hint = self._texts("junction.over_storage")
            text = Markup('<strong class="over" title="{}">{} ▲</strong>').format(hint, text)
        return self._cell(text, value, f"{path}.queue_95_m" if row else "")

    def plain(self, value: float) -> Markup:
        """A whole number of a plan; a city has so many that its cell holds nothing else."""
        return Markup('<td class="num">{}</td>').format(self._texts.number(value, 0))

    def _cell(self, text: str, value: float | None, path: str = "") -> Markup:
        return Markup('<td class="num" data-value="{}"{}>{}</td>').format(
            "" if value is None else repr(value), _path(path), text
        )


def _path(path: str) -> Markup:
    return Markup(' data-path="{}"').format(path) if path else Markup("")
