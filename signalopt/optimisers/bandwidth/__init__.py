"""Green waves: the widest bands of green through signals, by mixed-integer programmes."""

from signalopt.optimisers.bandwidth.arterial import Arterial
from signalopt.optimisers.bandwidth.maxband import maxband
from signalopt.optimisers.bandwidth.multiband import multiband
from signalopt.optimisers.bandwidth.result import ArterialBands
from signalopt.optimisers.bandwidth.second import LeastChange, Lines, MostSlack, Second
from signalopt.optimisers.bandwidth.status import Status

__all__ = [
    "Arterial",
    "ArterialBands",
    "LeastChange",
    "Lines",
    "MostSlack",
    "Second",
    "Status",
    "maxband",
    "multiband",
]
