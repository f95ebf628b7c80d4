"""The regions of a product on one machine: emulated AWS, real PostgreSQL, DNS and HTTP, in real time."""
