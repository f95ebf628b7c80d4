"""``python -m simulator.latencies`` prints docs/latencies.md."""

import sys

from simulator.latencies.catalogue import Latencies
from simulator.latencies.document import as_markdown

if __name__ == "__main__":
    sys.stdout.write(as_markdown(Latencies.read()))
