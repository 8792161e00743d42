"""Green waves: the widest bands of green through signals, by mixed-integer programmes."""

from signalopt.optimisers.bandwidth.arterial import Arterial
from signalopt.optimisers.bandwidth.maxband import maxband
from signalopt.optimisers.bandwidth.multiband import multiband
from signalopt.optimisers.bandwidth.network import (
    BandNetwork,
    BandPath,
    BandSignal,
    network_of,
)
from signalopt.optimisers.bandwidth.path_result import PathBands
from signalopt.optimisers.bandwidth.paths import path_bands
from signalopt.optimisers.bandwidth.result import ArterialBands
from signalopt.optimisers.bandwidth.second import LeastChange, Lines, MostSlack, Second
from signalopt.optimisers.bandwidth.status import Status

__all__ = [
    "Arterial",
    "ArterialBands",
    "BandNetwork",
    "BandPath",
    "BandSignal",
    "LeastChange",
    "Lines",
    "MostSlack",
    "PathBands",
    "Second",
    "Status",
    "maxband",
    "multiband",
    "network_of",
    "path_bands",
]
