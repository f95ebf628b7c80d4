"""A region's own container images: no region pulls what it runs from another one."""

from collections.abc import Iterable
from typing import Final

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.constructs.retention import KEPT

KEPT_IMAGES: Final = 100


class Repositories(Construct):
    """One repository for each image that names no registry; a tag is written once, and each image is scanned."""

    def __init__(self, scope: Construct, id: str, *, names: Names, images: Iterable[str]) -> None:
        super().__init__(scope, id)
        key = kms.Alias.from_alias_name(self, "DataKey", names.data_key_alias)
        for name in sorted({repository_of(image) for image in images if not has_registry(image)}):
            ecr.Repository(
                self,
                name.replace("/", "-"),
                repository_name=name,
                encryption=ecr.RepositoryEncryption.KMS,
                encryption_key=key,
                image_scan_on_push=True,
                image_tag_mutability=ecr.TagMutability.IMMUTABLE,
                lifecycle_rules=[ecr.LifecycleRule(max_image_count=KEPT_IMAGES, description="the latest stay")],
                removal_policy=KEPT,
            )


def has_registry(image: str) -> bool:
    """Whether an image says where it is from: its first part is a host, which has a dot or a port."""
    first, slash, _ = image.partition("/")
    return bool(slash) and ("." in first or ":" in first)


def repository_of(image: str) -> str:
    """Return an image's name without its tag."""
    return image.rpartition(":")[0]
