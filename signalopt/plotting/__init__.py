"""Pictures of plans and results. Each takes axes and returns them, and draws what it is given."""

from signalopt.plotting.band import Band
from signalopt.plotting.files import save
from signalopt.plotting.time_space import plot_time_space
from signalopt.plotting.windows import Windows

__all__ = ["Band", "Windows", "plot_time_space", "save"]
