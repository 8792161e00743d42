"""Typed access to numba's compiler, with a cache that knows all files of this package."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def _stamp() -> str:
    """Digest of this package's sources."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_STAMP = _stamp()

# Nothing is allocated in compiled code, so arrays need no counting of references; it would take
# most of the time and make threads wait for each other.
# No divisor is ever 0, so none is checked.
_OPTIONS: dict[str, Any] = {
    "cache": True, "nogil": True, "forceinline": True, "_nrt": False, "error_model": "numpy",
}  # fmt: skip


def njit(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function to machine code that runs without the interpreter's lock.

    The code is kept on disk. numba looks at the date of the function's own file only to see
    whether it is still valid; functions call each other across the files of this package, so
    the digest of all of them is looked at instead.

    Parameters
    ----------
    function
        Uses arrays, numbers and named tuples of them only, and creates no array.
    """
    compiled: Any = numba.njit(**_OPTIONS)(function)
    cache: Any = getattr(compiled, "_cache", None)
    file = getattr(cache, "_cache_file", None)
    if file is not None:  # numba offers no public way
        name = file._index_name.removesuffix(".nbi") + "-" + _STAMP[:16]  # noqa: SLF001
        cache._cache_file = type(file)(file._cache_path, name, _STAMP)  # noqa: SLF001
    result: Callable[P, T] = compiled
    return result
