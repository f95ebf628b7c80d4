"""The parameters that AWS itself keeps in every region, as far as templates of ours ask for them."""

from typing import Final

from ministack.services import ssm

from twin.aws.patches import Patches

IMAGES: Final = ("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",)
IMAGE: Final = "ami-00000000000000000"
"""Nothing is ever started from it."""


def install(patches: Patches) -> None:
    """Register with MiniStack, in this process."""
    for name in IMAGES:
        patches.replace_item(ssm._PUBLIC_AMI_PARAMETERS, name, IMAGE)
