"""A mixed-integer linear programme under construction: blocks of variables, blocks of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterable

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.intp]
Terms: TypeAlias = "Iterable[tuple[ArrayLike, ArrayLike]]"
"""Pairs of columns and coefficients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """A programme as arrays: `row_low <= matrix @ x <= row_high`, `low <= x <= high`.

    Attributes
    ----------
    matrix
        Shape (rows, columns).
    row_low, row_high, low, high
        Limits of rows and columns.
    integer
        Whether a column is whole.
    """

    matrix: csr_array
    row_low: FloatArray
    row_high: FloatArray
    low: FloatArray
    high: FloatArray
    integer: NDArray[np.bool_]


class Program:
    """Variables and rows, added in blocks whose shapes broadcast.

    Examples
    --------
    x0 + x1 <= 1 and x1 + x2 <= 1:

    >>> program = Program()
    >>> x = program.variables(3, low=0, high=1)
    >>> program.rows([(x[:2], 1), (x[1:], 1)], high=1)
    >>> program.arrays().matrix.toarray()
    array([[1., 1., 0.],
           [0., 1., 1.]])
    """

    def __init__(self) -> None:
        self._columns = 0
        self._rows = 0
        self._low: list[FloatArray] = []
        self._high: list[FloatArray] = []
        self._integer: list[NDArray[np.bool_]] = []
        self._row_low: list[FloatArray] = []
        self._row_high: list[FloatArray] = []
        self._entries: list[tuple[IntArray, IntArray, FloatArray]] = []

    def variables(
        self,
        shape: int | tuple[int, ...],
        *,
        low: ArrayLike = -np.inf,
        high: ArrayLike = np.inf,
        integer: bool = False,
    ) -> IntArray:
        """Add a block of variables and return their columns in its shape."""
        columns = np.arange(self._columns, self._columns + int(np.prod(shape))).reshape(shape)
        self._columns += columns.size
        for store, limit in ((self._low, low), (self._high, high)):
            store.append(np.broadcast_to(np.asarray(limit, np.float64), columns.shape).ravel())
        self._integer.append(np.full(columns.size, integer))
        return columns

    def rows(
        self,
        terms: Terms,
        *,
        sums: Terms = (),
        low: ArrayLike = -np.inf,
        high: ArrayLike = np.inf,
    ) -> None:
        """Add rows `low <= sum of coefficients × columns <= high`, one per entry of the block.

        The columns of `sums` have one axis more than the block and are added up over it, the last.
        """
        pairs = [_pair(columns, values) for columns, values in terms]
        summed = [_pair(columns, values) for columns, values in sums]
        shape = np.broadcast_shapes(
            np.shape(low),
            np.shape(high),
            *(columns.shape for columns, _ in pairs),
            *(columns.shape[:-1] for columns, _ in summed),
        )
        rows = np.arange(self._rows, self._rows + int(np.prod(shape))).reshape(shape)
        for index, columns, values in [
            *(np.broadcast_arrays(rows, *pair) for pair in pairs),
            *(np.broadcast_arrays(rows[..., None], *pair) for pair in summed),
        ]:
            self._entries.append((index.ravel(), columns.ravel(), values.ravel()))
        self._rows += rows.size
        for store, limit in ((self._row_low, low), (self._row_high, high)):
            store.append(np.broadcast_to(np.asarray(limit, np.float64), shape).ravel())

    def limits(self, columns: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the bounds that columns were added with."""
        return _joined(self._low)[columns], _joined(self._high)[columns]

    def objective(self, terms: Terms) -> FloatArray:
        """Return a dense row of coefficients, one per column added so far."""
        result = np.zeros(self._columns)
        for columns, values in terms:
            index, value = np.broadcast_arrays(columns, np.asarray(values, np.float64))
            np.add.at(result, index.ravel(), value.ravel())
        return result

    def arrays(self) -> Arrays:
        """Return the programme as it stands; coefficients of one entry are added up."""
        rows, columns, values = (
            np.concatenate([e[k] for e in self._entries] or [np.empty(0)]) for k in range(3)
        )
        matrix = csr_array(
            (values, (rows.astype(np.intp), columns.astype(np.intp))),
            shape=(self._rows, self._columns),
        )
        return Arrays(
            matrix=matrix,
            row_low=_joined(self._row_low),
            row_high=_joined(self._row_high),
            low=_joined(self._low),
            high=_joined(self._high),
            integer=np.concatenate([*self._integer, np.empty(0, np.bool_)]),
        )


def _pair(columns: ArrayLike, values: ArrayLike) -> tuple[IntArray, FloatArray]:
    pair = np.broadcast_arrays(np.asarray(columns, np.intp), np.asarray(values, np.float64))
    return pair[0], pair[1]


def _joined(parts: list[FloatArray]) -> FloatArray:
    return np.concatenate([*parts, np.empty(0)])
