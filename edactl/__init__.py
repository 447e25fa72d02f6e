"""edactl: the operator's terminal for event-driven systems on AWS."""

__version__ = "0.1.0"
