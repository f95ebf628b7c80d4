"""EC2's addresses, gateways, flow logs and security group rules, as MiniStack's EC2 API keeps them."""

import re
from typing import Any

from ministack.services import ec2

from twin.aws.cloudformation.resource import Made, Properties, ProvisioningError, ResourceType, accepted

_GROUP_RULE_FIELDS = {
    "CidrIp": "IpRanges.1.CidrIp",
    "CidrIpv6": "Ipv6Ranges.1.CidrIpv6",
    "SourcePrefixListId": "PrefixListIds.1.PrefixListId",
    "DestinationPrefixListId": "PrefixListIds.1.PrefixListId",
    "SourceSecurityGroupId": "Groups.1.GroupId",
    "DestinationSecurityGroupId": "Groups.1.GroupId",
}


def types() -> list[ResourceType]:
    """Return the types of this module."""
    addresses = ResourceType("AWS::EC2::EIP", _address, _release, _address_of, frozenset({"Domain"}))
    gateways = ResourceType(
        "AWS::EC2::NatGateway",
        _gateway,
        _delete_gateway,
        lambda gateway, _: (gateway, {"NatGatewayId": gateway}),
        frozenset({"SubnetId", "AllocationId", "ConnectivityType", "PrivateIpAddress"}),
    )
    logs = ResourceType(
        "AWS::EC2::FlowLog",
        _flow_log,
        _delete_flow_log,
        lambda log, _: (log, {"Id": log}),
        frozenset({"ResourceId", "ResourceType", "TrafficType", "LogDestination", "LogGroupName"}),
    )
    return [addresses, gateways, logs, _rules("Ingress"), _rules("Egress")]


def _address(_logical_id: str, _properties: Properties, _stack: str) -> Made:
    allocation = _found(_ask("AWS::EC2::EIP", "AllocateAddress", Domain="vpc"), "allocationId")
    return _address_of(ec2._addresses[allocation]["PublicIp"], {})


def _address_of(public: str, _properties: Properties) -> Made:
    return public, {"PublicIp": public, "AllocationId": _allocation(public)}


def _release(public: str, _properties: Properties) -> None:
    _ask("AWS::EC2::EIP", "ReleaseAddress", AllocationId=_allocation(public))


def _allocation(public: str) -> str:
    for allocation, address in ec2._addresses.items():
        if address["PublicIp"] == public:
            return str(allocation)
    raise ProvisioningError(f"AWS::EC2::EIP: there is no address {public}")


def _gateway(_logical_id: str, properties: Properties, _stack: str) -> Made:
    wanted = ("SubnetId", "AllocationId", "ConnectivityType")
    parameters = {name: properties[name] for name in wanted if name in properties}
    gateway = _found(_ask("AWS::EC2::NatGateway", "CreateNatGateway", **parameters), "natGatewayId")
    return gateway, {"NatGatewayId": gateway}


def _delete_gateway(gateway: str, _properties: Properties) -> None:
    _ask("AWS::EC2::NatGateway", "DeleteNatGateway", NatGatewayId=gateway)


def _flow_log(_logical_id: str, properties: Properties, _stack: str) -> Made:
    wanted = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")
    parameters = {name: properties[name] for name in wanted if name in properties}
    body = _ask("AWS::EC2::FlowLog", "CreateFlowLogs", **parameters, **{"ResourceId.1": properties["ResourceId"]})
    log = _found(body, "item")
    return log, {"Id": log}


def _delete_flow_log(log: str, _properties: Properties) -> None:
    _ask("AWS::EC2::FlowLog", "DeleteFlowLogs", **{"FlowLogId.1": log})


def _rules(direction: str) -> ResourceType:
    """The type of single rules of a security group, in one direction."""
    name = f"AWS::EC2::SecurityGroup{direction}"

    def create(_logical_id: str, properties: Properties, _stack: str) -> Made:
        parameters = {"GroupId": properties["GroupId"]}
        for field in ("IpProtocol", "FromPort", "ToPort"):
            if field in properties:
                parameters[f"IpPermissions.1.{field}"] = str(properties[field])
        for field, parameter in _GROUP_RULE_FIELDS.items():
            if field in properties:
                parameters[f"IpPermissions.1.{parameter}"] = properties[field]
        rule = _found(_ask(name, f"AuthorizeSecurityGroup{direction}", **parameters), "securityGroupRuleId")
        return rule, {"Id": rule}

    def delete(rule: str, properties: Properties) -> None:
        parameters = {"GroupId": properties["GroupId"], "SecurityGroupRuleId.1": rule}
        _ask(name, f"RevokeSecurityGroup{direction}", **parameters)

    fields = {"GroupId", "IpProtocol", "FromPort", "ToPort", *_GROUP_RULE_FIELDS}
    return ResourceType(name, create, delete, lambda rule, _: (rule, {"Id": rule}), frozenset(fields))


def _ask(kind: str, action: str, **parameters: Any) -> str:
    answer = accepted(kind, ec2._ACTION_MAP[action]({name: [str(value)] for name, value in parameters.items()}))
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def _found(body: str, element: str) -> str:
    match = re.search(f"<{element}>([^<]+)</{element}>", body)
    if match is None:
        raise ProvisioningError(f"no {element} in {body}")
    return match.group(1)
