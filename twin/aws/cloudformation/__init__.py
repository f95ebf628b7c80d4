"""CloudFormation's resource types as the twin has them: emulated, only recorded, or refused."""

from twin.aws.cloudformation.types import ResourceTypes

__all__ = ["ResourceTypes"]
