"""Prepare, read, judge, then execute; and say so in the quorum store while it lasts."""

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.deployment.assembly import Stack, in_order
from cli.deployment.change_sets import ChangeSet, DeploymentFailedError
from failover.errors import DeploymentRefusedError, StoreUnreachableError
from failover.ports import Ports
from failover.procedures.changing import records_of
from failover.procedures.deploy_guard import (
    SOURCES,
    Action,
    Change,
    Reading,
    begin_deploying,
    end_deploying,
    judge_changes,
    look,
)
from failover.topology import Topology
from stacks.cdk_command import CdkError, run_cdk

PREPARE_SECONDS = 900.0

FOLLOWED = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::ElastiCache::GlobalReplicationGroup")

Told = Callable[[str], None]
Plan = dict[str, tuple[Change, ...]]
"""Stack name → what becomes of its resources."""


@dataclass(frozen=True, slots=True)
class Deployer:
    """One deployment of an assembly. ``first`` says that there is no quorum store yet to ask or to tell."""

    ports: Ports
    topology: Topology
    assembly: Path
    stacks: Mapping[str, Stack]
    name: str
    first: bool = False
    told: Told = field(default=lambda _line: None)

    def permit(self, stacks: Sequence[Stack], plan: Plan | None = None) -> None:
        """See that the rules let these stacks be changed, now, in this way.

        Raises:
            DeploymentRefusedError: they do not, or nobody can say whether an incident is open.
        """
        reading = self._look()
        if reading is None:
            return
        verdicts = [
            verdict for each in stacks for verdict in judge_changes(each.name, (plan or {}).get(each.name, ()), reading)
        ]
        refused = [verdict.reason for verdict in verdicts if not verdict.allowed]
        if refused:
            raise DeploymentRefusedError("\n".join(refused))
        for verdict in verdicts:
            self.told(verdict.reason)

    def prepare(self, stacks: Sequence[Stack], *, check: bool) -> tuple[dict[str, ChangeSet], Plan]:
        """Make a change set of each stack and read it. For ``check`` a stack that is not there gets none.

        Raises:
            DeploymentRefusedError: a hook refused one.
            DeploymentFailedError: one could not be made.
        """
        sets = {each.name: ChangeSet.of(each, self.name) for each in stacks}
        missing = {name for name, each in sets.items() if check and each.is_new}
        prepared = [name for name in sets if name not in missing]
        try:
            plan = self._prepared({name: sets[name] for name in prepared})
        except BaseException:
            self.discard(sets)
            raise
        plan |= {name: sets[name].additions() for name in missing}
        return {name: sets[name] for name in prepared}, plan

    def execute(self, stacks: Sequence[Stack], sets: dict[str, ChangeSet], plan: Plan) -> list[str]:
        """Execute what has changes, stack by stack; return their names in the order in which it was done."""
        changing = [each for each in stacks if plan[each.name]]
        made = any(_brings_a_source(each, plan[each.name]) for each in changing)
        writers = set() if self.first else self._writers()
        done = []
        new = {each.name for each in changing if sets[each.name].is_new}
        for stack in in_order(changing, writers, primary_first=self.first or made, new=new):
            # An incident may have opened since; the hook in the stack's region asks again, closer to the deed.
            self.permit([stack], plan)
            with self._said(stack):
                sets[stack.name].execute()
            self.told(f"{stack.name}: done")
            done.append(stack.name)
        return done

    def discard(self, sets: dict[str, ChangeSet]) -> None:
        """Throw the change sets away that were not executed."""
        for each in sets.values():
            each.discard()

    def _prepared(self, sets: dict[str, ChangeSet]) -> Plan:
        if not sets:
            return {}
        arguments = [
            *("deploy", *sets, "--exclusively", "--app", str(self.assembly), "--require-approval", "never"),
            *("--method", "prepare-change-set", "--change-set-name", self.name, "--concurrency", "4"),
            *("--progress", "events"),
        ]
        try:
            run_cdk(arguments, limit_seconds=PREPARE_SECONDS)
        except CdkError as exc:
            # What a change set itself says comes first: a hook's reason is not in what the command prints.
            for each in sets.values():
                if each.is_made:
                    each.changes()
            raise DeploymentFailedError(str(exc)) from exc
        return {name: each.changes() for name, each in sets.items()}

    def _look(self) -> Reading | None:
        try:
            return look(self.ports)
        except StoreUnreachableError as exc:
            quorum = next(each for each in self.stacks.values() if each.layer == "quorum")
            if self.first and ChangeSet.of(quorum, self.name).is_new:
                return None
            raise DeploymentRefusedError(
                f"nobody can say whether an incident is open: {exc}; wait until the quorum store answers "
                "(`--first` is for a product whose store has never been deployed)"
            ) from exc

    def _writers(self) -> set[str]:
        return {record.writer for record in records_of(self.ports, self.topology)}

    @contextmanager
    def _said(self, stack: Stack) -> Iterator[None]:
        """Tell the deciders that what they see of the region may be the deployment's doing."""
        if self.first:
            yield
            return
        who, outcome = getpass.getuser(), f"{stack.name} failed"
        begin_deploying(self.ports, stack.region, who, stack.name)
        try:
            yield
            outcome = f"{stack.name} done"
        finally:
            end_deploying(self.ports, stack.region, who, outcome)


def _brings_a_source(stack: Stack, changes: Sequence[Change]) -> bool:
    """Whether something is made that follows nothing and may be followed: replicas of it must come after it."""
    added = {each.logical_id for each in changes if each.action is Action.ADD and each.resource_type in FOLLOWED}
    return any(not SOURCES & stack.template["Resources"][name].get("Properties", {}).keys() for name in added)
