"""What the twin and the simulator share: the form of a scenario, its expectations, the player and the report."""
