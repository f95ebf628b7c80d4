"""How long everything takes in the modelled AWS, each with its source: ``latencies.yaml``."""

from simulator.latencies.catalogue import Latencies
from simulator.latencies.distribution import Distribution
from simulator.latencies.mistakes import LatencyError
from simulator.latencies.reading import AWS, COMPRESSED, Latency, Standing

__all__ = ["AWS", "COMPRESSED", "Distribution", "Latencies", "Latency", "LatencyError", "Standing"]
