"""Traffic-signal theory: published formulas as functions of arrays, one topic a module.

Arguments are scalars or arrays that broadcast against each other; scalars give numpy floats. Units
are in the names: seconds, metres, vehicles per hour; ratios are fractions, never percent.
"""

from signalopt.theory.band_worth import (
    band_capacity,
    bandwidth_attainability,
    bandwidth_efficiency,
)
from signalopt.theory.bandwidth import green_bands, widest_band
from signalopt.theory.capacity import (
    degree_of_saturation,
    effective_green,
    exclusive_left_capacity,
    lane_group_capacity,
    queue_service_time,
    shared_left_capacity,
    unblocked_green,
)
from signalopt.theory.clearance import (
    CLEARANCE_WALKING_SPEED_MPS,
    GRAVITY_MPS2,
    MIN_WALK_S,
    TOTAL_WALKING_SPEED_MPS,
    pedestrian_clearance,
    pedestrian_minimum_green,
    pedestrian_walk,
    red_clearance_interval,
    yellow_change_interval,
)
from signalopt.theory.coupling import (
    coupling_advice,
    coupling_index,
)
from signalopt.theory.cycle import (
    critical_degree_of_saturation,
    green_for_degree_of_saturation,
    green_splits,
    minimum_cycle,
    round_splits,
    webster_cycle,
)
from signalopt.theory.delay import (
    LEVEL_OF_SERVICE_LIMITS_S,
    bicycle_delay,
    flow_weighted_delay,
    level_of_service,
    pedestrian_delay,
    uniform_delay,
    webster_delay,
)
from signalopt.theory.dispersion import (
    DISPERSION_ALPHA,
    DISPERSION_BETA,
    dispersed_profile,
    platoon_gain,
    smoothing_factor,
)
from signalopt.theory.dominance import hypervolume, non_dominated
from signalopt.theory.overflow import (
    InitialQueueDelay,
    UnmetDemand,
    akcelik_overflow_queue,
    incremental_delay,
    incremental_delay_factor,
    initial_queue_delay,
    unmet_demand,
    upstream_filtering_factor,
)
from signalopt.theory.pedestrians import (
    pedestrian_left_factor,
    pedestrian_right_factor,
)
from signalopt.theory.polygon import (
    QueuePolygon,
    queue_polygon,
)
from signalopt.theory.progression import (
    arrival_on_green,
    arrival_type,
    platoon_ratio,
    progression_factor,
)
from signalopt.theory.protection import (
    Protection,
    left_turn_protection,
)
from signalopt.theory.queue import (
    CAR_SPACING_M,
    HEAVY_VEHICLE_SPACING_M,
    first_term_back_of_queue,
    percentile_back_of_queue,
    queue_spacing,
    second_term_back_of_queue,
    stop_delay,
    third_term_back_of_queue,
)
from signalopt.theory.saturation import (
    FOOT_M,
    PROTECTED_LEFT_FACTOR,
    PROTECTED_RIGHT_FACTOR,
    area_type_factor,
    bus_blockage_factor,
    heavy_vehicle_grade_factor,
    lane_utilisation_factor,
    lane_width_factor,
    parking_factor,
    saturation_flow,
)
from signalopt.theory.shockwave import (
    RedQueue,
    red_queue,
)
from signalopt.theory.stats import (
    MeanInterval,
    PairedDifference,
    conditional_value_at_risk,
    mean_interval,
    paired_difference,
    sample_size,
)
from signalopt.theory.turns import (
    CRITICAL_HEADWAY_S,
    FOLLOW_UP_HEADWAY_S,
    filtering_equivalent,
    free_green,
    opposed_equivalent,
    permitted_left_saturation_flow,
    shared_left_saturation_flow,
)

__all__ = [
    "CAR_SPACING_M",
    "CLEARANCE_WALKING_SPEED_MPS",
    "CRITICAL_HEADWAY_S",
    "DISPERSION_ALPHA",
    "DISPERSION_BETA",
    "FOLLOW_UP_HEADWAY_S",
    "FOOT_M",
    "GRAVITY_MPS2",
    "HEAVY_VEHICLE_SPACING_M",
    "LEVEL_OF_SERVICE_LIMITS_S",
    "MIN_WALK_S",
    "PROTECTED_LEFT_FACTOR",
    "PROTECTED_RIGHT_FACTOR",
    "TOTAL_WALKING_SPEED_MPS",
    "InitialQueueDelay",
    "MeanInterval",
    "PairedDifference",
    "Protection",
    "QueuePolygon",
    "RedQueue",
    "UnmetDemand",
    "akcelik_overflow_queue",
    "area_type_factor",
    "arrival_on_green",
    "arrival_type",
    "band_capacity",
    "bandwidth_attainability",
    "bandwidth_efficiency",
    "bicycle_delay",
    "bus_blockage_factor",
    "conditional_value_at_risk",
    "coupling_advice",
    "coupling_index",
    "critical_degree_of_saturation",
    "degree_of_saturation",
    "dispersed_profile",
    "effective_green",
    "exclusive_left_capacity",
    "filtering_equivalent",
    "first_term_back_of_queue",
    "flow_weighted_delay",
    "free_green",
    "green_bands",
    "green_for_degree_of_saturation",
    "green_splits",
    "heavy_vehicle_grade_factor",
    "hypervolume",
    "incremental_delay",
    "incremental_delay_factor",
    "initial_queue_delay",
    "lane_group_capacity",
    "lane_utilisation_factor",
    "lane_width_factor",
    "left_turn_protection",
    "level_of_service",
    "mean_interval",
    "minimum_cycle",
    "non_dominated",
    "opposed_equivalent",
    "paired_difference",
    "parking_factor",
    "pedestrian_clearance",
    "pedestrian_delay",
    "pedestrian_left_factor",
    "pedestrian_minimum_green",
    "pedestrian_right_factor",
    "pedestrian_walk",
    "percentile_back_of_queue",
    "permitted_left_saturation_flow",
    "platoon_gain",
    "platoon_ratio",
    "progression_factor",
    "queue_polygon",
    "queue_service_time",
    "queue_spacing",
    "red_clearance_interval",
    "red_queue",
    "round_splits",
    "sample_size",
    "saturation_flow",
    "second_term_back_of_queue",
    "shared_left_capacity",
    "shared_left_saturation_flow",
    "smoothing_factor",
    "stop_delay",
    "third_term_back_of_queue",
    "unblocked_green",
    "uniform_delay",
    "unmet_demand",
    "upstream_filtering_factor",
    "webster_cycle",
    "webster_delay",
    "widest_band",
    "yellow_change_interval",
]
