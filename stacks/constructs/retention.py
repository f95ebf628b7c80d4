"""How long what holds data stays: for ever once its own creation has come through, and no longer than that."""

from typing import Final

import aws_cdk as cdk

KEPT: Final = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
"""``RetainExceptOnCreate``, and ``Retain`` where it is replaced: removals and stack deletions leave it.

``Retain`` alone holds in the rollback of a first deployment too, which then leaves an empty resource under the very
name that the next attempt asks for (CloudFormation, "DeletionPolicy attribute").
"""
