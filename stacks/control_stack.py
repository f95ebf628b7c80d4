"""One copy of the control plane."""

from pathlib import Path
from typing import Final

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.advisories import Advisories
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.asl_workflow import AslWorkflow
from stacks.constructs.executors import Executors
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import ROOT, FunctionBundle
from stacks.constructs.lever_endpoint import LeverEndpoint
from stacks.constructs.observation import Observation
from stacks.constructs.promising import ACT, LOOK, Promising
from stacks.constructs.wake_rules import WakeRules
from stacks.constructs.warmth import Warmth
from stacks.layer import LayerStack

STATE_MACHINES: Final = ROOT / "state_machines"


class ControlStack(LayerStack):
    """Prober, alarms, rules, functions, state machines and lever endpoint of a control region.

    The template is the same in every control region but for the names of regions.
    """

    def __init__(
        self,
        scope: Construct,
        topology: Topology,
        region: str,
        bundle: FunctionBundle,
        state_machines: Path = STATE_MACHINES,
    ) -> None:
        super().__init__(scope, topology, "control", region, stateful=False)
        names, code = self.names, bundle.code()
        pages = AlarmTopic(self, "Pages", name=names.pages_topic)
        failures = Failures(self, "Failures", told=pages).queue
        Observation(self, "Observation", names=names, region=region, code=code, failures=failures, pages=pages)
        executors = Executors(self, "Executors", names=names, region=region, code=code, failures=failures, pages=pages)
        lever = LeverEndpoint(self, "Lever", names=names, region=region, code=code, failures=failures)
        promising = Promising(self, "Promising", names=names, code=code, failures=failures, local=lever.local)
        promising.grant_act([executors.steps[name] for name in ACT])
        promising.grant_look([executors.steps[name] for name in LOOK])
        WakeRules(self, "Wake", names=names, region=region, decide=executors.decide, told=pages)
        Advisories(self, "Advisories", names=names, code=code, failures=failures)
        Warmth(self, "Warmth", functions=[*executors.steps.values(), promising.give], told=pages)
        for definition in sorted(state_machines.glob("*.asl.json")):
            machine = definition.name.removesuffix(".asl.json").title().replace("_", "")
            AslWorkflow(self, machine, names=names, definition=definition, steps=executors.steps.values())
