"""Reading synthesised templates: whose policy is whose, and who may do what."""

from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]
Resource = dict[str, Any]


def of_type(template: Template, kind: str) -> dict[str, Resource]:
    return {key: each for key, each in template["Resources"].items() if each["Type"] == kind}


def properties(template: Template, kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in of_type(template, kind).values()]


def construct_id(resource: Resource) -> str:
    """``…/Executors/PromoteDatabase/Resource`` is ``PromoteDatabase``."""
    return str(resource["Metadata"]["aws:cdk:path"]).split("/")[-2]


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """Each function's properties, by construct id."""
    return {construct_id(each): each["Properties"] for each in of_type(template, "AWS::Lambda::Function").values()}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement that an identity of this stack has, with the logical id of its role."""
    for policy in properties(template, "AWS::IAM::Policy"):
        for role in policy["Roles"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield role["Ref"], statement
    for key, role in of_type(template, "AWS::IAM::Role").items():
        for inline in role["Properties"].get("Policies", ()):
            for statement in inline["PolicyDocument"]["Statement"]:
                yield key, statement


def rights(template: Template, function: str) -> dict[str, list[Any]]:
    """What a function may do: action to resources."""
    role = functions(template)[function]["Role"]["Fn::GetAtt"][0]
    found: dict[str, list[Any]] = {}
    for owner, statement in statements(template):
        if owner == role and statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                found.setdefault(action, []).extend(listed(statement["Resource"]))
    return found


def uses_of_key(template: Template, role: str, service: str) -> dict[str, set[str]]:
    """What a role may do with a key by way of one service: the keys' region to actions."""
    found: dict[str, set[str]] = {}
    for owner, statement in statements(template):
        by_way = str(statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", ""))
        if owner == role and by_way.startswith(f"{service}."):
            (place,) = {arn.split(":")[3] for arn in listed(statement["Resource"])}
            assert by_way == f"{service}.{place}.amazonaws.com"
            found.setdefault(place, set()).update(listed(statement["Action"]))
    return found


def functions_allowed(template: Template, action: str) -> set[str]:
    """The construct ids of the functions that may do this; an action with ``*`` in it counts where it matches."""
    service = action.split(":", maxsplit=1)[0]
    return {
        name
        for name in functions(template)
        if any(held in (action, f"{service}:*", "*") for held in rights(template, name))
    }


def anywhere(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a template with its value, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from anywhere(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from anywhere(inner)
