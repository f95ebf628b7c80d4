"""What the stacks are composed of; each construct owns its defaults once."""
