"""The verbs, loaded when the first of them is used: help and completion need none."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signalopt import batch, workflow
else:

    class _Lazy:
        """Stands for a module that is imported when the first of its names is used."""

        def __init__(self, module: str) -> None:
            self._module = module

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (any of its functions)
            return getattr(importlib.import_module(self._module), name)

    batch = _Lazy("signalopt.batch")
    workflow = _Lazy("signalopt.workflow")

__all__ = ["batch", "workflow"]
