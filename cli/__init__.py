"""The ``lifeboat`` command: drills on the twin, and what operators say to a deployed control plane."""
