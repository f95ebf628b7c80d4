"""Small types that join two resources, or put one more thing to a service that MiniStack has."""

import json
from typing import Final

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import backup, cloudwatch, iam, secretsmanager, waf

from twin.aws.cloudformation.resource import Made, Properties, ProvisioningError, ResourceType, accepted

_COMPOSITE: Final = "AWS::CloudWatch::CompositeAlarm"
_ROTATION: Final = "AWS::SecretsManager::RotationSchedule"


def types() -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            "AWS::WAFv2::WebACLAssociation", _protect, _unprotect, _same, frozenset({"ResourceArn", "WebACLArn"})
        ),
        ResourceType(_COMPOSITE, _composite, _delete_composite, _change_composite, frozenset({"AlarmName"})),
        ResourceType(
            "AWS::Backup::BackupSelection",
            _select,
            _deselect,
            lambda selection, _: (selection, _selection(selection)),
            frozenset({"BackupPlanId", "BackupSelection"}),
        ),
        ResourceType(
            "AWS::IAM::ServiceLinkedRole",
            _service_role,
            lambda role, _: iam._roles.__delitem__(role),
            _same,
            frozenset({"AWSServiceName", "CustomSuffix"}),
        ),
        ResourceType(_ROTATION, _rotation, _stop_rotation, _change_rotation, frozenset({"SecretId"})),
    ]


def _same(physical_id: str, _properties: Properties) -> Made:
    return physical_id, {}


def _protect(_logical_id: str, properties: Properties, _stack: str) -> Made:
    told = {"WebACLArn": properties["WebACLArn"], "ResourceArn": properties["ResourceArn"]}
    accepted("AWS::WAFv2::WebACLAssociation", waf._associate_web_acl(told))
    return f"{told['WebACLArn']}|{told['ResourceArn']}", {}


def _unprotect(_association: str, properties: Properties) -> None:
    waf._disassociate_web_acl({"ResourceArn": properties["ResourceArn"]})


def _composite(logical_id: str, properties: Properties, stack: str) -> Made:
    return _change_composite(properties.get("AlarmName") or f"{stack}-{logical_id}-{new_uuid()[:12]}", properties)


def _change_composite(name: str, properties: Properties) -> Made:
    told = {field: value for field, value in properties.items() if field != "Tags"} | {"AlarmName": name}
    if "ActionsEnabled" in told:
        told["ActionsEnabled"] = str(told["ActionsEnabled"]).lower() == "true"
    accepted(_COMPOSITE, cloudwatch._put_composite_alarm({}, told, is_cbor=False, is_json=True))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _delete_composite(name: str, _properties: Properties) -> None:
    cloudwatch._composite_alarms.pop(name, None)


def _select(_logical_id: str, properties: Properties, _stack: str) -> Made:
    answer = backup._create_selection(properties["BackupPlanId"], {"BackupSelection": properties["BackupSelection"]})
    told = json.loads(accepted("AWS::Backup::BackupSelection", answer))
    selection = f"{told['SelectionId']}_{told['BackupPlanId']}"
    return selection, _selection(selection)


def _selection(selection: str) -> dict[str, str]:
    selection_id, _, plan = selection.partition("_")
    return {"Id": selection, "SelectionId": selection_id, "BackupPlanId": plan}


def _deselect(selection: str, _properties: Properties) -> None:
    selection_id, _, plan = selection.partition("_")
    backup._delete_selection(plan, selection_id)


def _service_role(_logical_id: str, properties: Properties, _stack: str) -> Made:
    before = set(iam._roles)
    answer = iam._create_service_linked_role({"AWSServiceName": [properties["AWSServiceName"]]})
    accepted("AWS::IAM::ServiceLinkedRole", answer)
    (name,) = set(iam._roles) - before
    return name, {"RoleName": name}


def _rotation(_logical_id: str, properties: Properties, _stack: str) -> Made:
    return _change_rotation(properties["SecretId"], properties)


def _change_rotation(secret_id: str, properties: Properties) -> Made:
    name, secret = _secret(secret_id)
    secret["RotationEnabled"] = True
    secret["RotationLambdaARN"] = properties.get("RotationLambdaARN")
    secret["RotationRules"] = properties.get("RotationRules")
    return secret_id, {"Id": f"arn:aws:secretsmanager:{get_region()}:{get_account_id()}:secret:{name}"}


def _stop_rotation(secret_id: str, _properties: Properties) -> None:
    _, secret = _secret(secret_id)
    secret["RotationEnabled"] = False


def _secret(secret_id: str) -> tuple[str, dict[str, object]]:
    for name, secret in secretsmanager._secrets.items():
        if secret_id in (name, secret["ARN"]):
            return name, secret
    raise ProvisioningError(f"{_ROTATION}: there is no secret {secret_id}")
