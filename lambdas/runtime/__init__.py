"""What surrounds a step in AWS Lambda: its environment, its logs, metrics and traces, its wiring."""
