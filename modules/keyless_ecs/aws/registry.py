"""The image registry of one service."""

from collections.abc import Mapping, Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository import (
    EcrRepository,
    EcrRepositoryEncryptionConfiguration,
    EcrRepositoryImageScanningConfiguration,
    EcrRepositoryImageTagMutabilityExclusionFilter,
)
from cdktf_cdktf_provider_aws.ecr_repository_policy import EcrRepositoryPolicy
from constructs import Construct

from keyless_ecs.aws.iam import PolicyDocument, document
from keyless_ecs.aws.lifecycle import RUNS
from keyless_ecs.terraform import json_local

_MOVING = [EcrRepositoryImageTagMutabilityExclusionFilter(filter=RUNS, filter_type="WILDCARD")]
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html"""


class Registry(Construct):
    """A private ECR repository that scans every push, and keeps what runs and its last images.

    Args:
        name: Repository name, 2 to 256 characters, lower case.
        immutable: Whether a tag, once pushed, stays what it is; those that say what runs do not.
        encryption: ``AES256``, ``KMS`` (AWS's own key) or a KMS key's ARN.
        scan: Whether every push is scanned for known vulnerabilities.
        lifecycle: Which images stay, see :func:`keyless_ecs.aws.lifecycle.lifecycle_policy`; all
            of them where None.
        protect: Whether Terraform refuses to destroy it.
        access: The repository's policy: who in other accounts deploys from it.

    Exposes *name*, *arn* and *url* (host and name, for image references).
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        immutable: bool = False,
        encryption: str = "AES256",
        scan: bool = True,
        lifecycle: Mapping[str, object] | None = None,
        protect: bool = False,
        access: PolicyDocument | None = None,
    ) -> None:
        super().__init__(scope, id_)
        repository = EcrRepository(
            self,
            "Default",
            name=name,
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION" if immutable else "MUTABLE",
            image_tag_mutability_exclusion_filter=_MOVING if immutable else None,
            encryption_configuration=_encryption(encryption),
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=scan),
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protect else None,
        )
        if lifecycle:
            EcrLifecyclePolicy(
                self,
                "lifecycle",
                repository=repository.name,
                policy=json_local(self, "rules", lifecycle),
            )
        if access:
            EcrRepositoryPolicy(
                self,
                "pull",
                repository=repository.name,
                policy=json_local(self, "pull_policy", access),
            )
        self.name = repository.name
        self.arn = repository.arn
        self.url = repository.repository_url


def access_from_other_accounts(readers: Mapping[str, Sequence[str]]) -> PolicyDocument | None:
    """Return the repository policy with which other accounts deploy its images, None for none.

    The principal is the account, bounded to the roles: ECR refuses a policy that names a role which
    does not exist yet.

    Args:
        readers: For each kind of role, of :data:`ACCESS`, the ARNs of those roles.
    """
    statements = [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": sorted({_root(arn) for arn in readers[kind]})},
            "Action": list(actions),
            "Condition": {"ArnEquals": {"aws:PrincipalArn": sorted(readers[kind])}},
        }
        for kind, (sid, actions) in ACCESS.items()
        if readers.get(kind)
    ]
    return document(*statements) if statements else None


ACCESS: Mapping[str, tuple[str, Sequence[str]]] = {
    "execution_role": (
        "PullToRun",
        [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ],
    ),
    "build_role": ("FindToPromote", ["ecr:DescribeImages"]),
    # It writes no layer, so it puts no image there that is not there already: only tags.
    "deploy_role": (
        "DeployAndTag",
        [
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:DescribeRepositories",
            "ecr:PutImage",
        ],
    ),
}
"""What each kind of role of another account may do: the statement's name, and the actions."""


def _root(role: str) -> str:
    """Return the account of a role, as a principal."""
    _, partition, _, _, account, _ = role.split(":", 5)
    return f"arn:{partition}:iam::{account}:root"


def _encryption(choice: str) -> Sequence[EcrRepositoryEncryptionConfiguration]:
    key = choice if choice.startswith("arn:") else None
    kind = "AES256" if choice == "AES256" else "KMS"
    return [EcrRepositoryEncryptionConfiguration(encryption_type=kind, kms_key=key)]
