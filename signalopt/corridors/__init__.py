"""Corridors of a network: named or found, and what traffic and plans make of them."""
