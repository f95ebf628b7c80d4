"""Promises on the whole: repeatable, free of lookups, and without a tie between stacks."""

import json
from pathlib import Path

import aws_cdk as cdk
import pytest

from failover.topology import Names, Topology
from failover.topology.health_relays import health_relays
from stacks.constructs.function_bundle import FunctionBundle
from stacks.regional_stack import RegionalStack
from tests.infrastructure.assembly import ROOT, Assembly, begin_synthesis, end_synthesis
from tests.infrastructure.templates import anywhere, properties

TIES = {"Fn::ImportValue", "Fn::GetStackOutput"}


def test_two_syntheses_are_equal_byte_for_byte(syntheses: tuple[Path, Path]) -> None:
    first, second = ({file.relative_to(top): file for file in top.rglob("*") if file.is_file()} for top in syntheses)
    assert first.keys() == second.keys()
    differing = [name for name in first if first[name].read_bytes() != second[name].read_bytes()]
    assert differing == []


def test_synthesis_asks_nobody(assembly: Assembly) -> None:
    manifest = json.loads((assembly.path / "manifest.json").read_text())
    assert "missing" not in manifest


def test_there_are_the_stacks_of_every_layer_and_no_others(assembly: Assembly, topology: Topology) -> None:
    names = Names(topology)
    wanted = {names.stack("zone", names.home), names.stack("global", names.home)}
    wanted.add(names.stack("quorum", topology.quorum.replicas[0]))
    wanted |= {names.stack("regional", region) for region in topology.region_names}
    wanted |= {names.stack("control", region) for region in topology.control_regions}
    wanted |= {names.stack("advisory", relay.region) for relay in health_relays(topology)}
    places = [region for region in _regions(topology) if any(name.endswith(f"-{region}") for name in wanted)]
    wanted |= {names.stack("deploy-guard", region) for region in places}
    assert {name.removesuffix(".template.json") for name in assembly.templates} == wanted


def test_no_stack_reads_or_offers_an_output(assembly: Assembly) -> None:
    for name, template in assembly.templates.items():
        assert not template.get("Outputs"), name
        tied = TIES.intersection(key for key, _ in anywhere(template))
        assert not tied, f"{name} has {tied}"
        assert "CrossRegionExport" not in json.dumps(template), name


def test_every_stack_names_its_account_and_region(assembly: Assembly, topology: Topology) -> None:
    manifest = json.loads((assembly.path / "manifest.json").read_text())
    for name, stack in manifest["artifacts"].items():
        if stack["type"] == "aws:cloudformation:stack":
            region = next(each for each in _regions(topology) if name.endswith(f"-{each}"))
            assert stack["environment"] == f"aws://{topology.account}/{region}"


def test_what_cannot_be_made_again_has_termination_protection(assembly: Assembly) -> None:
    manifest = json.loads((assembly.path / "manifest.json").read_text())
    for name, stack in manifest["artifacts"].items():
        if stack["type"] == "aws:cloudformation:stack":
            kept = stack["properties"].get("terminationProtection", False)
            assert kept is not any(layer in name for layer in ("-control-", "-advisory-")), name


def test_a_region_is_the_same_when_it_is_built_alone(assembly: Assembly, topology: Topology, tmp_path: Path) -> None:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = cdk.App(analytics_reporting=False, context=context, outdir=str(tmp_path))
    RegionalStack(app, topology, "eu-west-1", FunctionBundle.build(topology))
    app.synth()
    name = f"{Names(topology).stack('regional', 'eu-west-1')}.template.json"
    alone = json.loads((tmp_path / name).read_text())
    together = assembly.template("regional", "eu-west-1")
    # The command asks for the paths as metadata, and an application by itself does not.
    assert _without_metadata(alone) == _without_metadata(together)


def test_control_regions_differ_in_their_names_alone(assembly: Assembly, topology: Topology) -> None:
    types = [
        sorted(each["Type"] for each in assembly.template("control", region)["Resources"].values())
        for region in topology.control_regions
    ]
    assert types[0] == types[1] == types[2]


def test_a_template_stays_under_the_limits_of_cloudformation(assembly: Assembly) -> None:
    for name, template in assembly.templates.items():
        assert len(template["Resources"]) < 400, name
        assert (assembly.path / name).stat().st_size < 900_000, name


def test_zones_are_chosen_at_deployment(assembly: Assembly, topology: Topology) -> None:
    for region in topology.region_names:
        subnets = properties(assembly.template("regional", region), "AWS::EC2::Subnet")
        assert len(subnets) == 9
        assert all("Fn::GetAZs" in json.dumps(subnet["AvailabilityZone"]) for subnet in subnets)


def test_a_mistake_is_told_without_a_traceback(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: wrong\n")
    code, said = end_synthesis(begin_synthesis(tmp_path, LIFEBOAT_TOPOLOGY=str(wrong)))
    assert code == 1
    assert "wrong.yaml" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("stack", sorted((ROOT / "stacks").glob("*_stack.py")), ids=lambda path: path.stem)
def test_a_stack_composes_and_leaves_building_to_constructs(stack: Path) -> None:
    assert len(stack.read_text().splitlines()) < 150


def _regions(topology: Topology) -> set[str]:
    relays = {relay.region for relay in health_relays(topology)}
    return {*topology.region_names, *topology.control_regions, *topology.quorum.replicas, *relays, "us-east-1"}


def _without_metadata(template: dict[str, dict[str, dict[str, object]]]) -> dict[str, dict[str, object]]:
    kept = {"Type", "Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"}
    return {
        name: {key: value for key, value in resource.items() if key in kept}
        for name, resource in template["Resources"].items()
    }
