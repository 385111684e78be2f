"""The image registry."""

import pytest
from cdktf import TerraformStack

from keyless_ecs.aws.registry import Registry
from tests.conftest import ReadContent, Resources

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/0a1b2c3d"


def test_the_articles_choices_are_the_defaults(stack: TerraformStack, resources: Resources) -> None:
    """Tags are mutable, AES256 encrypts, and every push is scanned."""
    Registry(stack, "registry", name="papyrus")

    assert resources("aws_ecr_repository") == {
        "registry": {
            "name": "papyrus",
            "image_tag_mutability": "MUTABLE",
            "encryption_configuration": [{"encryption_type": "AES256"}],
            "image_scanning_configuration": {"scan_on_push": True},
        }
    }


@pytest.mark.parametrize(
    ("choice", "configuration"),
    [
        ("AES256", {"encryption_type": "AES256"}),
        ("KMS", {"encryption_type": "KMS"}),
        (KEY, {"encryption_type": "KMS", "kms_key": KEY}),
    ],
)
def test_encryption_is_one_line(
    stack: TerraformStack, resources: Resources, choice: str, configuration: dict[str, str]
) -> None:
    """AES256, AWS's own KMS key, or a key of one's own."""
    Registry(stack, "registry", name="papyrus", encryption=choice)

    assert resources("aws_ecr_repository")["registry"]["encryption_configuration"] == [
        configuration
    ]


def test_immutable_tags_are_one_line(stack: TerraformStack, resources: Resources) -> None:
    """A tag that was deployed stays what it was."""
    Registry(stack, "registry", name="papyrus", immutable=True)

    assert resources("aws_ecr_repository")["registry"]["image_tag_mutability"] == "IMMUTABLE"


def test_old_images_go(stack: TerraformStack, content: ReadContent) -> None:
    """Untagged images expire, and of the tagged ones the last N stay."""
    Registry(stack, "registry", name="papyrus", keep_images=7, expire_untagged_days=3)

    untagged, tagged = content()["locals"]["registry_rules"]["rules"]
    assert untagged["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 3,
    }
    assert tagged["selection"] == {
        "tagStatus": "tagged",
        "tagPatternList": ["*"],
        "countType": "imageCountMoreThan",
        "countNumber": 7,
    }


def test_a_protected_registry_cannot_be_destroyed(
    stack: TerraformStack, resources: Resources
) -> None:
    """Terraform refuses a plan that destroys it."""
    Registry(stack, "registry", name="papyrus", protect=True)

    assert resources("aws_ecr_repository")["registry"]["lifecycle"] == {"prevent_destroy": True}
