"""Route 53 as its users meet it: an authoritative server, its policies, its health checkers, and resolvers."""
