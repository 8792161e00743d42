"""Green waves: the widest bands of green through signals, by mixed-integer programmes."""
