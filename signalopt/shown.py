"""How objects without a picture of their own show themselves in a notebook."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ITEMS = 8
MOST_ROWS = 12


class Shown:
    """Base of dataclasses that notebooks show as a table of their fields, frames below it."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        given: Any = self
        rows, frames = [], []
        for field in fields(given):
            value = getattr(self, field.name)
            if hasattr(value, "to_html") and hasattr(value, "head"):
                more = f", first {MOST_ROWS} of {len(value)} rows" if len(value) > MOST_ROWS else ""
                frames.append(f"<p>{escape(field.name)}{more}</p>{value.head(MOST_ROWS).to_html()}")
            elif field.repr:
                rows.append(
                    f"<tr><th>{escape(field.name)}</th><td>{escape(_short(value))}</td></tr>"
                )
        head = f"<p>{escape(type(self).__name__)}</p>"
        return head + f"<table><tbody>{''.join(rows)}</tbody></table>" + "".join(frames)


def _short(value: Any) -> str:  # noqa: ANN401 (fields hold anything)
    """A value in a cell: objects by their names, long lists cut."""
    text = str(getattr(value, "value", value))
    if isinstance(value, float):
        text = f"{value:g}"
    elif hasattr(value, "shape"):
        text = f"array {value.shape}"
    elif hasattr(value, "items"):
        text = _listed(f"{k}: {_short(v)}" for k, v in value.items())
    elif isinstance(value, set | frozenset):
        text = _listed(sorted(map(_short, value)))
    elif isinstance(value, tuple | list):
        text = _listed(map(_short, value))
    elif is_dataclass(value) and not isinstance(value, type):
        text = _name_of(value)
    return text


def _listed(items: Iterable[str]) -> str:
    texts = list(items)
    more = f", … ({len(texts)} in all)" if len(texts) > MOST_ITEMS else ""
    return ", ".join(texts[:MOST_ITEMS]) + more


def _name_of(value: Any) -> str:  # noqa: ANN401 (any of our nouns)
    for key in ("id", "name", "signal_id", "index"):
        if isinstance(found := getattr(value, key, None), str | int):
            return str(found)
    text = repr(value)
    return text if len(text) <= 80 else f"{type(value).__name__} (…)"
