"""Findings of template checkers that a construct lives with, each with its reason at the construct.

What is accepted stands in the cloud assembly's metadata and not in the template, so that what is deployed is the same
with and without checkers. ``template_checks`` compares it with what the checkers find. It is written down for them
alone: a fifth of all calls to CDK would be this, in a deployment that may be urgent.
"""

from typing import Final

from constructs import IConstruct

ACCEPTED: Final = "lifeboat:accepted"
"""The type of the metadata."""


LOG_WITHOUT_KEY: Final = (
    "encrypted with the log service's own key: what happened must be readable when a key, or KMS itself, is the trouble"
)
LOG_KEY_RULES: Final = ("NIST.800.53.R5-CloudWatchLogGroupEncrypted", "CKV_AWS_158")

POLICY_OF_ONE_ROLE: Final = "what one role may do lives and dies with it; a managed policy could be given to others"
WILDCARDS_ARE_JUDGED: Final = (
    "parts of names, tracing, and what only reads: where an action changes something, Lifeboat-Wildcard refuses '*'"
)
"""Reasons that several constructs have."""


_written_down = False


def write_down() -> None:
    """From here on what is accepted goes into the assemblies that this process makes."""
    global _written_down  # noqa: PLW0603
    _written_down = True


def accept(construct: IConstruct, because: str, *rules: str) -> None:
    """Say why these rules' findings stand, of this construct and of what is beneath it.

    A rule is a checker's own id: ``CKV_AWS_117``, ``AwsSolutions-IAM5``, or one finding of several of a rule,
    ``AwsSolutions-IAM5[Resource::*]``.
    """
    if _written_down:
        construct.node.add_metadata(ACCEPTED, {"rules": list(rules), "because": because})
