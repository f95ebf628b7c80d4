"""What databases share, as their agents are told it."""

from failover.sharing import End, SharedTable, Sharing
from failover.topology import Topology
from topology_document.infrastructure.publications import PublicationSection, PublishedTable


def sharings(topology: Topology, publications: dict[str, PublicationSection]) -> tuple[Sharing, ...]:
    """Return each publication with its ends in their regions."""
    return tuple(
        Sharing(
            name,
            publishers=_ends(topology, publication.databases),
            subscribers=_ends(topology, publication.receivers),
            tables=tuple(_table(each, told) for each, told in publication.tables.items()),
        )
        for name, publication in publications.items()
    )


def _ends(topology: Topology, databases: list[str]) -> tuple[End, ...]:
    return tuple(End(name, topology.database(name).born_primary) for name in databases)


def _table(name: str, told: PublishedTable) -> SharedTable:
    return SharedTable(
        name,
        key=tuple(told.key),
        columns=tuple(told.columns),
        personal=tuple(told.personal),
        home=told.home,
        where=dict(told.where),
        filled_from=told.filled_from,
    )
