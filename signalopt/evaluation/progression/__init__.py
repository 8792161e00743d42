"""Quality of progression along a corridor: bands of a plan, arrivals on green, travel times."""
