"""The gateway of an edge node: it answers from its cache and keeps writes while its region is out of reach."""
