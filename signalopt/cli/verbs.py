"""The verbs, loaded when the first of them is used: help and completion need none."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signalopt import workflow
else:

    class _Lazy:
        """Stands for the module `signalopt.workflow`."""

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (any of its functions)
            return getattr(importlib.import_module("signalopt.workflow"), name)

    workflow = _Lazy()

__all__ = ["workflow"]
