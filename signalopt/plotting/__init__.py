"""Pictures of plans and results, one a module.

Each function takes axes, or makes a new figure, draws only what it is given, and returns the axes.
"""

from signalopt.plotting.band import Band
from signalopt.plotting.convergence import plot_convergence
from signalopt.plotting.coordination import plot_coordination
from signalopt.plotting.day_plan import plot_day_plan
from signalopt.plotting.delay_distribution import plot_delay_distribution
from signalopt.plotting.files import save
from signalopt.plotting.flow_profile import plot_flow_profile
from signalopt.plotting.network_difference import plot_network_difference
from signalopt.plotting.network_map import plot_network_map
from signalopt.plotting.paired_seeds import plot_paired_seeds
from signalopt.plotting.pareto import plot_pareto
from signalopt.plotting.queue_over_time import plot_queue_over_time
from signalopt.plotting.rings import plot_rings
from signalopt.plotting.signal_groups import plot_signal_groups
from signalopt.plotting.stages import plot_stages
from signalopt.plotting.time_space import plot_time_space
from signalopt.plotting.trade_off import plot_trade_off
from signalopt.plotting.turning_flows import plot_turning_flows
from signalopt.plotting.windows import Windows

__all__ = [
    "Band",
    "Windows",
    "plot_convergence",
    "plot_coordination",
    "plot_day_plan",
    "plot_delay_distribution",
    "plot_flow_profile",
    "plot_network_difference",
    "plot_network_map",
    "plot_paired_seeds",
    "plot_pareto",
    "plot_queue_over_time",
    "plot_rings",
    "plot_signal_groups",
    "plot_stages",
    "plot_time_space",
    "plot_trade_off",
    "plot_turning_flows",
    "save",
]
