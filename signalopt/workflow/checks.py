"""What is checked before hours of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.errors import InputError
from signalopt.model.side_streets import side_traffic

if TYPE_CHECKING:
    from collections.abc import Container

    from signalopt.model.scenario import Scenario


def require_side_streets(scenario: Scenario, measures: Container[str]) -> None:
    """Refuse to look at side streets where there are none.

    Raises
    ------
    InputError
        If the measures name their delay and nobody comes from one.
    """
    if "side_street_delay_s_per_veh" not in measures:
        return
    for case in scenario.by_demand.values():
        if any(side_traffic(case).values()):
            continue
        raise InputError(
            f"{scenario.source}: the objective looks at side streets, but nobody comes from one: "
            "all legs with traffic are on corridors or main roads; leave side streets out of it"
        )
