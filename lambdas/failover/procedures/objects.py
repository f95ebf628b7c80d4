"""Whether the objects of the new writer's region will be copied to the others."""

from typing import Any

from failover.decision import Quorum, quorum_on
from failover.ports import Ports
from failover.procedures.changing import at_work, tell
from failover.procedures.commands import IncidentCommand
from failover.procedures.destinations import writers_after
from failover.topology import replicas_of


def check_replication(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Read the rules of the new writer's bucket, and page when its objects will not reach every living region.

    Nothing is changed and nothing is held up: objects that are not copied are copied later, and a database that
    nobody writes is worse. Which objects the lost region had not copied yet cannot be asked while it is lost.

    Raises:
        PageNotSentError: nobody could be told; try again.
    """
    incident = at_work(ports, command.ticket)
    if "CheckReplication" in incident.skipped:
        return {"missing": {}}
    missing = {}
    for region in writers_after(ports, command.ticket, command.databases):
        if command.topology.site(region) is not None:
            text = f"{region} is a site and has no bucket of Lifeboat's: its objects are the site's own to copy"
            tell(ports, command.ticket, "REPLICATION_NOT_OURS", text, facts={"from": region})
            continue
        wanted = _living(ports, command, region)
        found = ports.services.objects.describe(region) if wanted else None
        if found is None:
            continue
        lacking = sorted(wanted - found.destinations)
        if lacking:
            missing[region] = lacking
            _tell(ports, command, region, lacking, found.failure)
        else:
            text = f"objects of {region} are copied to {', '.join(sorted(wanted))}"
            tell(ports, command.ticket, "REPLICATION_STANDS", text)
    return {"missing": missing}


def _tell(ports: Ports, command: IncidentCommand, region: str, lacking: list[str], failure: str) -> None:
    towards = ", ".join(lacking)
    kind = "REPLICATION_UNKNOWN" if failure else "REPLICATION_MISSING"
    why = f"its rules are unknown ({failure})" if failure else "it has no enabled rule for all of its objects there"
    text = f"objects written in {region} may not reach {towards}: {why}; deploy the global stack again, or put it on"
    tell(ports, command.ticket, kind, text, facts={"from": region, "to": towards})
    ports.pager.page(f"{command.topology.name}: objects of {region} are not copied everywhere", text)


def _living(ports: Ports, command: IncidentCommand, region: str) -> set[str]:
    topology, votes, now = command.topology, tuple(ports.store.votes()), ports.clock.now()
    others = set(replicas_of(topology, region)) - {command.ticket.subject}
    return {each for each in others if quorum_on(topology, votes, each, now) is not Quorum.DOWN}
