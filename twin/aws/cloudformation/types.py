"""Makes MiniStack's CloudFormation accept the types that the twin has judged, and no others."""

from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation, route53
from ministack.services.cloudformation import changesets, engine, handlers, provisioners

from twin.aws.cloudformation import attachments, clusters, health_checks, networks, records, written_down
from twin.aws.cloudformation.emulated import EMULATED
from twin.aws.cloudformation.hooks import Hooks
from twin.aws.cloudformation.patience import patient
from twin.aws.cloudformation.recorded import RECORDED
from twin.aws.patches import Patches

UNKNOWN = "Unrecognized resource types"


class ResourceTypes:
    """The types of one twin, and which of those that are only recorded were used."""

    def __init__(self, endpoint: Callable[[str], str]) -> None:
        self._hooks = Hooks(endpoint)
        self._used: set[str] = set()

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process."""
        table = provisioners._RESOURCE_HANDLERS
        for module in (networks, clusters, health_checks, attachments):
            for kind in module.types():
                patches.replace_item(table, kind.name, kind.handlers())
        self._hooks.install(patches)
        cluster = "AWS::EKS::Cluster"
        patches.replace_item(table, cluster, clusters.with_security_group(table[cluster]))
        for name in RECORDED:
            patches.replace_item(table, name, self._noted(name, table.get(name) or written_down.handlers()))
        # MiniStack has many more, which nobody has compared with AWS for the twin.
        unjudged = {name: entry for name, entry in table.items() if name not in EMULATED and name not in RECORDED}
        patches.withdraw(table, unjudged)
        patches.replace(route53, "_build_health_check_el", health_checks.readable(route53._build_health_check_el))
        build = provisioners._r53_record_set_build_rs
        patches.replace(provisioners, "_r53_record_set_build_rs", records.with_nearness(build))
        patches.replace(cloudformation, "handle_request", patient(cloudformation.handle_request))
        for module in (engine, handlers, changesets):
            patches.replace(module, "validate_template_support", explained(module.validate_template_support))

    def recorded_only(self) -> dict[str, str]:
        """Return the recorded types that a deployment has used so far, each with what is missing of it."""
        return {name: RECORDED[name] for name in sorted(self._used)}

    def _noted(self, name: str, entry: dict[str, Any]) -> dict[str, Any]:
        create: Callable[..., Any] = entry["create"]

        def noted(*arguments: Any) -> Any:
            self._used.add(name)
            return create(*arguments)

        return {**entry, "create": noted}


def explained(validate: Callable[..., None]) -> Callable[..., None]:
    """Return a template's validation that says what to do about a type that the twin does not have."""

    def validated(*arguments: Any, **named: Any) -> None:
        try:
            validate(*arguments, **named)
        except ValueError as exc:
            if UNKNOWN not in str(exc):
                raise
            raise ValueError(
                f"{exc}. The twin does not have them: emulate them in twin/aws/cloudformation, or list them with "
                "what is missing in twin/aws/cloudformation/recorded.py"
            ) from exc

    return validated
