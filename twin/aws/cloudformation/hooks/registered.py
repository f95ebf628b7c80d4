"""The hooks that are activated, by account, region and name, and what asking them gave."""

import re
import threading
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region

from twin.aws.cloudformation.resource import Made, Properties, ProvisioningError, ResourceType

TYPE: Final = "AWS::CloudFormation::LambdaHook"
ALIAS: Final = re.compile(r"^(?!(?i:aws))[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$")
OPERATIONS: Final = frozenset({"STACK", "CHANGE_SET"})
"""What the twin asks about; AWS has RESOURCE and CLOUD_CONTROL besides."""

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Hook:
    """One activated hook."""

    alias: str
    function: str
    operations: frozenset[str]
    fails: bool
    enabled: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name within an ARN."""
        return self.alias.replace("::", "-")

    def concerns(self, operation: str, stack: str) -> bool:
        """Whether it is asked about this operation of this stack."""
        if not self.enabled or operation not in self.operations:
            return False
        if any(fnmatchcase(stack, each) for each in self.exclude):
            return False
        return not self.include or any(fnmatchcase(stack, each) for each in self.include)


class Registered:
    """The hooks of one twin."""

    def __init__(self) -> None:
        self._hooks: dict[Key, Hook] = {}
        self._lock = threading.Lock()

    def concerning(self, operation: str, stack: str) -> list[Hook]:
        """Return the hooks of the current account and region that are asked."""
        here = (get_account_id(), get_region())
        with self._lock:
            return [hook for key, hook in self._hooks.items() if key[:2] == here and hook.concerns(operation, stack)]

    def switch(self, alias: str, *, enabled: bool) -> bool:
        """Enable or disable a hook by hand; False when there is none of that name."""
        with self._lock:
            hook = self._hooks.get(_key(alias))
            if hook is not None:
                self._hooks[_key(alias)] = replace(hook, enabled=enabled)
            return hook is not None

    def type(self) -> ResourceType:
        """Return the resource type that activates hooks."""
        return ResourceType(
            TYPE,
            lambda _logical_id, properties, _stack: self._activate(properties),
            self._deactivate,
            lambda _arn, properties: self._activate(properties),
            frozenset({"Alias", "AutoUpdate", "LoggingConfig"}),
        )

    def _activate(self, properties: Properties) -> Made:
        hook = _read(properties)
        with self._lock:
            self._hooks[_key(hook.alias)] = hook
        arn = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:type/hook/{hook.name}"
        return arn, {"HookArn": arn}

    def _deactivate(self, _arn: str, properties: Properties) -> None:
        with self._lock:
            self._hooks.pop(_key(properties["Alias"]), None)


def _key(alias: str) -> Key:
    return get_account_id(), get_region(), alias


def _read(properties: Properties) -> Hook:
    alias, operations = str(properties.get("Alias", "")), frozenset(properties.get("TargetOperations") or ())
    if not ALIAS.match(alias):
        raise ProvisioningError(f"{TYPE}: Alias: got {alias!r}; three parts of letters and digits, joined by ::")
    if not operations or operations - OPERATIONS:
        raise ProvisioningError(
            f"{TYPE}: TargetOperations: got {sorted(operations)}; the twin asks about {sorted(OPERATIONS)}"
        )
    names: dict[str, Any] = (properties.get("StackFilters") or {}).get("StackNames") or {}
    return Hook(
        alias,
        str(properties["LambdaFunction"]),
        operations,
        fails=properties["FailureMode"] == "FAIL",
        enabled=properties["HookStatus"] == "ENABLED",
        include=tuple(names.get("Include") or ()),
        exclude=tuple(names.get("Exclude") or ()),
    )
