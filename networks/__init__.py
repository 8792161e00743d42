"""The bundled networks and their demand, rebuilt with ``python -m networks.build``."""
