"""Checking that a frame has what a picture needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


def require_columns(frame: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    """Refuse a frame that lacks a column.

    Parameters
    ----------
    frame, what
        The frame, and what messages call it.
    columns
        What it must have.

    Raises
    ------
    InputError
        If one is missing.
    """
    for column in columns:
        if column not in frame.columns:
            found = ", ".join(map(str, frame.columns)) or "none"
            raise InputError(f"{what} lacks the column {column}; its columns are {found}")
