"""What runs at a site outside AWS: the agent beside its databases, and the guard of its lease."""
