"""Programs that run on hosts of one's own, with the system's own Python; the stacks bring them there."""
