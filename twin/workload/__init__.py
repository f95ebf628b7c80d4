"""The product on the twin: an HTTP service per region on the real database, and clients that remember every write."""
