"""Declared buckets, tables and the backup vault of one region; and, when all are there, the rules between buckets."""

from collections.abc import Iterable, Sequence
from typing import Final

from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names, Topology
from stacks.backup_stack import BackupStack
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.backup_vault import BackupVault
from stacks.constructs.bucket_replication import BucketReplication
from stacks.constructs.copying import Copying, buckets_of, copying_of
from stacks.constructs.data_names import DataNames
from stacks.constructs.declared_bucket import AccessLogs, DeclaredBucket
from stacks.constructs.declared_table import DeclaredTable, PropagationAlarms
from stacks.constructs.failures import Failures
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.tables import TableSection

LAYER: Final = "data"


class DataStack(LayerStack):
    """What a document keeps beside databases and caches, in one region; it reads no other stack."""

    def __init__(self, scope: Construct, topology: Topology, region: str, infrastructure: Infrastructure) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=True)
        self._data, self._infrastructure = DataNames(self.names), infrastructure
        self._told = AlarmTopic(self, "Alarms")
        self._buckets()
        for name, table in infrastructure.tables.items():
            self._table(name, table)
        if infrastructure.backups:
            BackupVault(self, "Vault", names=self._data, lock=infrastructure.backups.lock)

    def _buckets(self) -> None:
        here = {
            name: section
            for name, section in buckets_of(self.names, self._infrastructure).items()
            if self.region_name in (section.regions or self.topology.aws_regions)
        }
        if not here:
            return
        logs = AccessLogs(self, "AccessLogs", name=self._data.access_logs(self.region_name))
        # The key is the regional stack's, and known by its alias.
        key = kms.Alias.from_alias_name(self, "DataKey", self.names.data_key_alias)
        for name, section in here.items():
            DeclaredBucket(
                self,
                f"Bucket-{name}",
                copying=copying_of(self.names, self._infrastructure, name, self.region_name),
                section=section,
                key=key,
                logs=logs,
                told=self._told,
            )

    def _table(self, name: str, section: TableSection) -> None:
        regions = table_regions(self.topology, section)
        if self.region_name not in regions:
            return
        if self.region_name == regions[0]:
            DeclaredTable(
                self,
                f"Table-{name}",
                names=self._data,
                table_name=self._data.table(name),
                section=section,
                regions=regions,
            )
        others = [region for region in regions if region != self.region_name]
        PropagationAlarms(
            self, f"Late-{name}", names=self._data, table=name, section=section, others=others, told=self._told
        )


class CopiesStack(LayerStack):
    """The replication rules of the declared buckets; it comes after all of them."""

    def __init__(self, scope: Construct, topology: Topology, copied: Sequence[Copying]) -> None:
        super().__init__(scope, topology, "copies", Names(topology).home, stateful=False)
        failures = Failures(self, "Failures", told=AlarmTopic(self, "Alarms")).queue
        BucketReplication(self, "Replication", names=self.names, failures=failures, declared=copied)


def table_regions(topology: Topology, section: TableSection) -> list[str]:
    """Return a table's regions, the one whose stack declares it first."""
    return [section.born_in or topology.primary.name, *section.replicas]


def data_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build a stack for each region that keeps something of these, and the rules between their buckets."""
    names = Names(topology)
    buckets = buckets_of(names, infrastructure)
    places = {name: section.regions or topology.aws_regions for name, section in buckets.items()}
    used = {region for regions in places.values() for region in regions}
    used |= {region for table in infrastructure.tables.values() for region in table_regions(topology, table)}
    used |= set(topology.aws_regions if infrastructure.backups else ())
    stacks = [DataStack(scope, topology, region, infrastructure) for region in topology.aws_regions if region in used]
    backups = _backups(scope, topology, infrastructure, stacks)
    copied = [copying_of(names, infrastructure, name, region) for name in buckets for region in places[name]]
    if any(each.rules for each in copied):
        copies = CopiesStack(scope, topology, copied)
        for stack in stacks:
            copies.add_stack_dependency(stack, "a rule needs both of its buckets")
        return [*stacks, copies, *backups]
    return [*stacks, *backups]


def _backups(
    scope: Construct, topology: Topology, infrastructure: Infrastructure, vaults: list[DataStack]
) -> list[BackupStack]:
    if infrastructure.backups is None:
        return []
    stacks = [BackupStack(scope, topology, region, infrastructure.backups) for region in topology.aws_regions]
    for stack in stacks:
        for vault in vaults:
            stack.add_stack_dependency(vault, "copies go to another region's vault")
    return stacks
