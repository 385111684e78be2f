"""The image registry."""

from cdktf import TerraformStack

from modules.registry import Registry
from tests.conftest import Resources


def test_every_push_is_scanned(stack: TerraformStack, resources: Resources) -> None:
    """Nothing reaches the registry unscanned, unless scanning is switched off in so many words."""
    Registry(stack, "registry", name="papyrus")

    repository = resources("aws_ecr_repository")["registry"]
    assert repository["image_scanning_configuration"] == {"scan_on_push": True}
