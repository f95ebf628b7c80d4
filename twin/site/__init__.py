"""The folder that child processes of the twin have first on ``PYTHONPATH``."""
