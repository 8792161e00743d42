"""When the plans of a network should change: breakpoints of the day, and classes of days."""
