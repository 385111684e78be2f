"""The image registry of one service."""

from collections.abc import Mapping, Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository import (
    EcrRepository,
    EcrRepositoryEncryptionConfiguration,
    EcrRepositoryImageScanningConfiguration,
)
from cdktf_cdktf_provider_aws.ecr_repository_policy import EcrRepositoryPolicy
from constructs import Construct

from keyless_ecs.aws.iam import PolicyDocument, document
from keyless_ecs.terraform import json_local


class Registry(Construct):
    """A private ECR repository that scans every push and keeps its last images.

    Args:
        name: Repository name, 2 to 256 characters, lower case.
        immutable: Whether a tag, once pushed, stays what it is.
        encryption: ``AES256``, ``KMS`` (AWS's own key) or a KMS key's ARN.
        scan: Whether every push is scanned for known vulnerabilities.
        keep_images: How many tagged images stay.
        expire_untagged_days: After how many days an untagged image goes.
        protect: Whether Terraform refuses to destroy it.
        pull: The repository's policy: who in other accounts may pull.

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
        keep_images: int = 30,
        expire_untagged_days: int = 14,
        protect: bool = False,
        pull: PolicyDocument | None = None,
    ) -> None:
        super().__init__(scope, id_)
        repository = EcrRepository(
            self,
            "Default",
            name=name,
            image_tag_mutability="IMMUTABLE" if immutable else "MUTABLE",
            encryption_configuration=_encryption(encryption),
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=scan),
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protect else None,
        )
        EcrLifecyclePolicy(
            self,
            "lifecycle",
            repository=repository.name,
            policy=json_local(self, "rules", _lifecycle(keep_images, expire_untagged_days)),
        )
        if pull:
            EcrRepositoryPolicy(
                self,
                "pull",
                repository=repository.name,
                policy=json_local(self, "pull_policy", pull),
            )
        self.name = repository.name
        self.arn = repository.arn
        self.url = repository.repository_url


def pull_from_other_accounts(roles: Mapping[str, Sequence[str]]) -> PolicyDocument | None:
    """Return the repository policy with which other accounts promote its images, None for none.

    Args:
        roles: For each account (the ARN of its root), the roles that find and pull the image. The
            principal is the account, bounded to the roles: ECR refuses a policy that names a role
            which does not exist yet.
    """
    if not roles:
        return None
    return document(
        {
            "Sid": "PullToPromote",
            "Effect": "Allow",
            "Principal": {"AWS": sorted(roles)},
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Condition": {
                "ArnEquals": {
                    "aws:PrincipalArn": sorted(arn for arns in roles.values() for arn in arns)
                }
            },
        }
    )


def _encryption(choice: str) -> Sequence[EcrRepositoryEncryptionConfiguration]:
    key = choice if choice.startswith("arn:") else None
    kind = "AES256" if choice == "AES256" else "KMS"
    return [EcrRepositoryEncryptionConfiguration(encryption_type=kind, kms_key=key)]


def _lifecycle(keep_images: int, expire_untagged_days: int) -> dict[str, object]:
    """Return ECR's lifecycle policy.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Untagged images go after {expire_untagged_days} days",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": expire_untagged_days,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": f"The last {keep_images} tagged images stay",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPatternList": ["*"],
                    "countType": "imageCountMoreThan",
                    "countNumber": keep_images,
                },
                "action": {"type": "expire"},
            },
        ]
    }
