"""Terraform's state: that its service takes the places that come out."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, Whole, of_file
from keyless_ecs.config.file import account_stack
from keyless_ecs.config.shown import shown
from keyless_ecs.config.state import placed


@of_file
def workspace_names(whole: Whole) -> Iterator[Contradiction]:
    """https://developer.hashicorp.com/terraform/cloud-docs/workspaces/create#workspace-naming."""
    file = whole.file
    template = file.state.workspaces
    if template is None:
        return
    stacks = [
        *map(account_stack, file.accounts),
        *(delivery.stack for delivery in whole.deliveries),
    ]
    longest = max(stacks, key=len)
    if len(placed(template, longest)) > 90:
        yield (
            ("state", "cloud" if file.state.cloud else "remote", "workspaces"),
            f"{shown(placed(template, longest))} would have more than the 90 characters of a "
            "workspace; use a shorter template",
        )


@of_file
def key_of_the_bucket(whole: Whole) -> Iterator[Contradiction]:
    """S3 encrypts with a key of the bucket's own region.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    place = whole.file.state.s3
    if place and place.kms_key and (there := place.kms_key.split(":")[3]) != place.region:
        yield (
            ("state", "s3", "kms_key"),
            f"lies in {there}, and the bucket in {place.region}; use a key of that region",
        )
