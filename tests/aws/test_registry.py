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
    """A tag that was deployed stays what it was; that of what runs moves with it."""
    Registry(stack, "registry", name="papyrus", immutable=True)

    made = resources("aws_ecr_repository")["registry"]
    assert made["image_tag_mutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert made["image_tag_mutability_exclusion_filter"] == [
        {"filter": "runs.*", "filter_type": "WILDCARD"}
    ]


def test_what_stays_is_readable(stack: TerraformStack, content: ReadContent) -> None:
    """A reviewer reads the lifecycle policy as data; without one everything stays."""
    Registry(stack, "registry", name="papyrus", lifecycle={"rules": []})

    assert content()["locals"] == {"registry_rules": {"rules": []}}
    made = content()["resource"]["aws_ecr_lifecycle_policy"]["registry_lifecycle"]
    assert made["policy"] == "${jsonencode(local.registry_rules)}"


def test_a_protected_registry_cannot_be_destroyed(
    stack: TerraformStack, resources: Resources
) -> None:
    """Terraform refuses a plan that destroys it."""
    Registry(stack, "registry", name="papyrus", protect=True)

    assert resources("aws_ecr_repository")["registry"]["lifecycle"] == {"prevent_destroy": True}
