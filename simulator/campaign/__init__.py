"""Many schedules: played on several processes, counted, and what breaks made short enough to read."""

from simulator.campaign.playing import Order, Played, play_seed
from simulator.campaign.running import Campaign, run
from simulator.campaign.summary import Summary

__all__ = ["Campaign", "Order", "Played", "Summary", "play_seed", "run"]
