"""The working copy of the generated stacks, in a temporary folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keyless_ecs.rehearsal.aws.clients import NOBODY, Credentials
from keyless_ecs.rehearsal.terraform import forgotten_by_local_aws, older_provider
from keyless_ecs.rehearsal.terraform.older_provider import Difference
from keyless_ecs.rehearsal.terraform.providers import AWS, Providers

SERVICES = (
    *("acm", "appautoscaling", "cloudwatchlogs", "ec2", "ecr", "ecs", "elbv2", "iam", "route53"),
    *("s3", "sts"),
)
"""The keys under which the AWS provider takes the endpoints of the services in use.

"Custom Service Endpoint Configuration" in the provider's guides.
"""
_OLDER_KEYS = {"appautoscaling": "applicationautoscaling", "elbv2": "elb"}
OVERRIDE = "rehearsal_override.tf.json"
BACKEND_OPTIONS = "rehearsal.tfbackend"


class Workspace:
    """Folders in which Terraform works: one per stack, which keeps its state between writes.

    Args:
        folder: Where they stand.
        endpoint: The local AWS.
        providers: The providers that Terraform will find.
    """

    def __init__(self, folder: Path, *, endpoint: str, providers: Providers) -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._providers = providers

    def write(
        self, name: str, content: Mapping[str, Any], credentials: Credentials = NOBODY
    ) -> tuple[Path, list[Difference]]:
        """Write the stack called *name*, whose AWS provider signs with *credentials*.

        The generated JSON stays as it is where the provider is the one it was written for. What
        a rehearsal needs besides stands in an override file.
        https://developer.hashicorp.com/terraform/language/files/override

        Returns:
            The stack's folder, and how what stands there differs from *content*.
        """
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        content, differences = forgotten_by_local_aws.fit(content)
        if self._providers.older:
            content, of_provider = older_provider.fit(
                content, self._providers.schemas["aws"], self._providers.aws
            )
            differences += of_provider
        (folder / "cdk.tf.json").write_text(json.dumps(content, indent=2))
        override, of_state = self._override(content, credentials)
        (folder / OVERRIDE).write_text(json.dumps(override, indent=2))
        if "s3" in content["terraform"].get("backend", {}):
            (folder / BACKEND_OPTIONS).write_text(_s3_options(self._endpoint))
        return folder, [*differences, *of_state]

    @property
    def _keys(self) -> list[str]:
        renamed = _OLDER_KEYS if self._providers.older else {}
        return [renamed.get(key, key) for key in SERVICES]

    def _override(
        self, content: Mapping[str, Any], credentials: Credentials
    ) -> tuple[dict[str, Any], list[Difference]]:
        aws = {
            # A provider that runs already sees no variables of this Terraform's.
            "access_key": credentials.access_key_id,
            "secret_key": credentials.secret_access_key,
            "token": credentials.session_token,
            "endpoints": [dict.fromkeys(self._keys, self._endpoint)],
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
        }
        terraform: dict[str, Any] = {
            "required_providers": {"aws": {"source": AWS, "version": self._providers.aws}}
        }
        differences = []
        places = {
            *content["terraform"].get("backend", {}),
            *({"cloud"} & set(content["terraform"])),
        }
        here = {"local": {"path": "terraform.tfstate"}}
        # A path of the user's could lead out of the rehearsal's folder.
        elsewhere = content["terraform"].get("backend", here) != here or "cloud" in places
        for kind in sorted(places - {"s3"}) if elsewhere else ():
            terraform["backend"] = here
            differences.append(Difference("terraform", kind, "state stays in a local file here"))
        return {"provider": {"aws": aws}, "terraform": terraform}, differences


def unprotect(folder: Path) -> None:
    """Let Terraform destroy what the stack in *folder* protects."""
    path = folder / "cdk.tf.json"
    content = json.loads(path.read_text())
    for elements in content.get("resource", {}).values():
        for element in elements.values():
            element.get("lifecycle", {}).pop("prevent_destroy", None)
    path.write_text(json.dumps(content, indent=2))


def init_options(folder: Path) -> tuple[str, ...]:
    """Return what ``terraform init`` needs for the stack in *folder*."""
    return (f"-backend-config={BACKEND_OPTIONS}",) if (folder / BACKEND_OPTIONS).exists() else ()


def _s3_options(endpoint: str) -> str:
    """Return what the S3 backend needs to find the local AWS.

    https://developer.hashicorp.com/terraform/language/backend/s3#configuration
    """
    quoted = json.dumps(endpoint)
    return (
        f"endpoints = {{ s3 = {quoted}, sts = {quoted}, iam = {quoted} }}\n"
        "use_path_style = true\n"
        "skip_credentials_validation = true\n"
        "skip_metadata_api_check = true\n"
        "skip_requesting_account_id = true\n"
    )
