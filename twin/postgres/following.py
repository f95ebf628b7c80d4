"""A server that becomes the replica of another one, whatever it was before."""

from twin.postgres.errors import PostgresError
from twin.postgres.server import Server
from twin.postgres.servers import Servers


def follow(servers: Servers, server: Server, source: Server) -> str:
    """Stop a server, let it follow ``source``, start it, and say how: ``rewound``, or ``copied again``.

    Raises:
        PostgresError: ``source`` does not answer, or the server does not start.
    """
    server.stop()
    try:
        server.rewind(source)
        how = "rewound"
    except PostgresError:
        servers.copy_again(server, source)
        how = "copied again"
    server.start()
    return how
