"""Invariants of the right to write: I1, I2, I3, I10, I11, I16."""

from collections.abc import Iterable

from failover.invariants.chronicle import Chronicle

ADMISSIONS = ("ADMITTED", "LEASE_REGRANTED")


def one_writer(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I1: each epoch has one region, and no write of an older epoch commits after a newer one's first."""
    found: list[str] = []
    regions: dict[tuple[str, int], str] = {}
    newest: dict[str, int] = {}
    for write in sorted(chronicle.acknowledged, key=lambda each: each.at):
        holder = regions.setdefault((write.database, write.epoch), write.region)
        if holder != write.region:
            found.append(f"{write.database}: epoch {write.epoch} written in {holder} and in {write.region}")
        if write.epoch < newest.get(write.database, 0):
            found.append(
                f"{write.database}: {write.region} committed under epoch {write.epoch} at {write.at:.2f} s, "
                f"after epoch {newest[write.database]} had begun"
            )
        newest[write.database] = max(write.epoch, newest.get(write.database, 0))
    return len(chronicle.acknowledged), sorted(set(found))


def revoked_first(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I2: before PROMOTING the source's lease was revoked, and read back FENCED or waited out."""
    found = []
    promoting = list(chronicle.entries("PROMOTING"))
    for entry in promoting:
        if not chronicle.before(entry, "LEASE_REVOKED"):
            found.append(f"{entry.database}: promoting, and the lease was not revoked")
        if not chronicle.before(entry, "FENCED", "LEASE_WAITED_OUT"):
            found.append(f"{entry.database}: promoting, and the source was neither FENCED nor waited out")
    return len(promoting), found


def no_silent_loss(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I3: a target whose loss bound is over the RPO, or unknown, had a recorded consent."""
    found = []
    promoting = list(chronicle.entries("PROMOTING"))
    for entry in promoting:
        bound = entry.facts["loss_bound"]
        allowed = chronicle.topology.database(str(entry.database)).rpo_seconds
        within = bound != "unknown" and float(bound.removesuffix(" s")) <= allowed
        consented = [each for each in chronicle.entries("CONSENT") if each.database == entry.database]
        if not within and not any(each.at <= entry.at for each in consented):
            found.append(f"{entry.database}: loss bound {bound}, allowed {allowed} s, and nobody consented")
    return len(promoting), found


def forward(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I10: nothing is undone after the point of no return."""
    undone = list(chronicle.entries("LEASE_REGRANTED"))
    found = [
        f"{each.database}: granted again after its point of no return"
        for each in undone
        if chronicle.before(each, "PROMOTING")
    ]
    return len(undone) + sum(1 for _ in chronicle.entries("PROMOTING")), found


def closed(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I11: no write under an epoch that was never admitted; epoch 1 is the initial admission."""
    admitted = {(entry.database, entry.epoch) for entry in chronicle.entries(*ADMISSIONS)}
    stray = {
        (each.database, each.epoch, each.region)
        for each in chronicle.acknowledged
        if each.epoch != 1 and (each.database, each.epoch) not in admitted
    }
    found = [f"{database}: {region} wrote under epoch {epoch}, never admitted" for database, epoch, region in stray]
    return len(chronicle.acknowledged), found


def whole(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I16: the databases of one incident all move or none does."""
    found = []
    outcomes = [entry for entry in chronicle.entries("OUTCOME") if entry.facts["outcome"] == "FAILED_OVER"]
    for entry in outcomes:
        moved = {each.database for each in chronicle.entries("PROMOTING") if each.incident == entry.incident}
        admitted = {each.database for each in chronicle.entries("ADMITTED") if each.incident == entry.incident}
        if moved != admitted:
            found.append(f"{entry.incident}: {sorted(map(str, moved - admitted))} were promoted and not admitted")
    return len(outcomes), found
