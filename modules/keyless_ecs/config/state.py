"""Where Terraform keeps its state.

Every place is a template in which ``{stack}`` stands for the stack's name, so that no two stacks
share a state. Credentials never stand here: each backend reads its own from the environment.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, StrictBool, model_validator

from keyless_ecs.config.aws import KmsKeyArn, Region, RoleArn
from keyless_ecs.config.model import Model
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import matching


def placed(template: str, stack: str) -> str:
    """Return the place of one stack's state."""
    return template.replace("{stack}", stack)


def _names_the_stack(value: str) -> str:
    if "{stack}" not in value:
        raise ValueError(
            f"{shown(value)} would be one state for all stacks; "
            "put {stack} where their names stand"
        )
    return value


OfEachStack = AfterValidator(_names_the_stack)
_PIECE = r"(?!\.{1,2}(/|$))([\w.-]|\{stack\})+"
ObjectKey = Annotated[
    str,
    matching(
        rf"{_PIECE}(/{_PIECE})*",
        'is not a key; use names with slashes between them: "delivery/{stack}.tfstate"',
    ),
    OfEachStack,
]
WorkspaceName = Annotated[
    str,
    matching(
        r"([A-Za-z0-9_-]|\{stack\})+",
        'is not a workspace name; use letters, digits, _ and -: "delivery-{stack}"',
    ),
    OfEachStack,
]
"""https://developer.hashicorp.com/terraform/cloud-docs/workspaces/create#workspace-naming"""

_URL = (
    r"(https://[\w.-]+|http://(localhost|127\.0\.0\.1))(:\d+)?"
    r"(/([\w.~-]|%[0-9A-Fa-f]{2}|\{stack\})+)+"
)
Address = Annotated[
    str,
    matching(
        _URL,
        "is not an address for state; use https:// and a path, without user, password or query",
        secret=True,
    ),
    OfEachStack,
]
"""State holds secrets, so it travels encrypted; only a server on this machine may do without."""

Bucket = Annotated[
    str,
    matching(
        r"(?!.*\.\.)(?!(\d+\.){3}\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "is not an S3 bucket name; use 3 to 63 lower-case letters, digits, dots and hyphens",
    ),
]
GcsBucket = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]",
        "is not a Cloud Storage bucket name; use lower-case letters, digits, dots, - and _",
    ),
]
GcsKmsKey = Annotated[
    str,
    matching(
        r"projects/[\w.:-]+/locations/[\w-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+",
        "is not a Cloud KMS key; "
        "use projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>",
    ),
]
ServiceAccount = Annotated[
    str,
    matching(
        r"[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com",
        "is not a service account; use <name>@<project>.iam.gserviceaccount.com",
    ),
]
StorageAccount = Annotated[
    str,
    matching(
        r"[a-z0-9]{3,24}",
        "is not a storage account name; use 3 to 24 lower-case letters and digits",
    ),
]
BlobContainer = Annotated[
    str,
    matching(
        r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*",
        "is not a blob container name; use 3 to 63 lower-case letters, digits and single hyphens",
    ),
]
ResourceGroup = Annotated[
    str,
    matching(
        r"[\w().-]{0,89}[\w()-]",
        "is not a resource group name; use letters, digits and any of _ ( ) . -",
    ),
]
SubscriptionId = Annotated[
    str,
    matching(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "is not a subscription id; use its 32 hex digits in their five groups, in lower case",
    ),
]
Organization = Annotated[
    str,
    matching(r"[\w-]{3,40}", "is not an organization; use 3 to 40 letters, digits, _ and -"),
]
Project = Annotated[
    str,
    matching(
        r"[\w -]{3,40}", "is not a project's name; use 3 to 40 letters, digits, blanks, _ and -"
    ),
]
Hostname = Annotated[
    str,
    matching(
        r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+(:\d+)?",
        "is not a host name; use it without https:// and path",
    ),
]


def _stays_relative(value: str) -> str:
    # What lies outside the stack's folder is shared ground, where only its name tells it apart.
    return _names_the_stack(value) if ".." in value.split("/") else value


LocalPath = Annotated[
    str,
    matching(
        r"([\w.-]|\{stack\})+(/([\w.-]|\{stack\})+)*\.tfstate",
        "is not a path for state; use one relative to the stack's folder that ends in .tfstate",
    ),
    AfterValidator(_stays_relative),
]


class Local(Model):
    """State in a file, by default in the stack's folder."""

    path: LocalPath = "terraform.tfstate"
    """A file, relative to the stack's folder; outside of it with ``{stack}`` in its path.

    Example: ../../../states/{stack}.tfstate
    """


class S3(Model):
    """State in an S3 bucket, locked by a file beside it (Terraform 1.10 or newer)."""

    credentials: ClassVar[Mapping[str, str]] = {
        "access_key": "AWS_ACCESS_KEY_ID",
        "secret_key": "AWS_SECRET_ACCESS_KEY",
        "token": "AWS_SESSION_TOKEN",
    }

    bucket: Bucket
    """The bucket.

    Example: state-of-acme
    """
    region: Region
    """The bucket's region.

    Example: eu-west-1
    """
    key: ObjectKey = "keyless-ecs/{stack}.tfstate"
    """The key of each stack.

    Example: "delivery/{stack}.tfstate"
    """
    lock_file: StrictBool = True
    """Whether a file beside the state locks it (Terraform 1.10 or newer)."""
    kms_key: KmsKeyArn | None = None
    """ARN of the key that encrypts the state.

    Default: S3's own
    Example: arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    """
    assume_role: RoleArn | None = None
    """ARN of the role that reads and writes the state (Terraform 1.6 or newer).

    Example: arn:aws:iam::123456789012:role/state
    """


class Gcs(Model):
    """State in a Google Cloud Storage bucket, which locks it by itself."""

    credentials: ClassVar[Mapping[str, str]] = {
        "credentials": "GOOGLE_BACKEND_CREDENTIALS",
        "access_token": "GOOGLE_OAUTH_ACCESS_TOKEN",
        "encryption_key": "GOOGLE_ENCRYPTION_KEY",
    }

    bucket: GcsBucket
    """The Cloud Storage bucket.

    Example: state-of-acme
    """
    prefix: ObjectKey = "keyless-ecs/{stack}"
    """The folder of each stack in it.

    Example: "delivery/{stack}"
    """
    kms_key: GcsKmsKey | None = None
    """The key that encrypts the state.

    Default: Google's own
    Example: projects/acme/locations/europe-west1/keyRings/state/cryptoKeys/state
    """
    impersonate: ServiceAccount | None = None
    """Service account that reads and writes the state.

    Example: state@acme.iam.gserviceaccount.com
    """


class Azurerm(Model):
    """State in Azure Blob Storage, which locks it by itself."""

    credentials: ClassVar[Mapping[str, str]] = {
        "access_key": "ARM_ACCESS_KEY",
        "sas_token": "ARM_SAS_TOKEN",
        "client_secret": "ARM_CLIENT_SECRET",
    }

    storage_account: StorageAccount
    """The storage account.

    Example: stateofacme
    """
    container: BlobContainer
    """Its blob container.

    Example: states
    """
    key: ObjectKey = "keyless-ecs/{stack}.tfstate"
    """The blob of each stack.

    Example: "delivery/{stack}.tfstate"
    """
    resource_group: ResourceGroup | None = None
    """That of the storage account; needed with ``entra_id: false``, to look up its access key.

    Example: platform
    """
    subscription_id: SubscriptionId | None = None
    """That of the storage account.

    Default: ``ARM_SUBSCRIPTION_ID``
    Example: 0123abcd-0123-4567-89ab-0123456789ab
    """
    entra_id: StrictBool = True
    """Whether Terraform enters as an identity of Microsoft Entra ID; otherwise with an access
    key of the storage account."""


class Http(Model):
    """State behind any server that speaks Terraform's protocol, such as GitLab.

    https://developer.hashicorp.com/terraform/language/backend/http
    """

    credentials: ClassVar[Mapping[str, str]] = {
        "username": "TF_HTTP_USERNAME",
        "password": "TF_HTTP_PASSWORD",
    }

    address: Address
    """URL of each stack's state.

    Example: "https://state.example.com/{stack}"
    """
    update_method: Literal["POST", "PUT"] = "POST"
    """How the state is written."""
    lock_address: Address | None = None
    """URL of each stack's lock.

    Default: no locks
    Example: "https://state.example.com/{stack}/lock"
    """
    lock_method: Literal["LOCK", "POST", "PUT"] = "LOCK"
    """How it is locked: GitLab takes ``POST``."""
    unlock_method: Literal["UNLOCK", "DELETE", "POST", "PUT"] = "UNLOCK"
    """How it is unlocked: GitLab takes ``DELETE``."""

    @model_validator(mode="after")
    def _something_to_lock(self) -> "Http":
        if self.lock_address is None and self.model_fields_set & {"lock_method", "unlock_method"}:
            raise ValueError("there is a method to lock and no address; set lock_address")
        return self


class Remote(Model):
    """A workspace for each stack, in HCP Terraform or Terraform Enterprise."""

    credentials: ClassVar[Mapping[str, str]] = {"token": "TF_TOKEN_<host name with _ for .>"}

    organization: Organization
    """The organization in HCP Terraform or Terraform Enterprise.

    Example: acme
    """
    workspaces: WorkspaceName = "keyless-ecs-{stack}"
    """The workspace of each stack.

    Example: "delivery-{stack}"
    """
    hostname: Hostname = "app.terraform.io"
    """Where it runs.

    Example: terraform.example.com
    """


class Cloud(Remote):
    """The same through a ``cloud`` block, which can name the workspace's project."""

    project: Project | None = None
    """The project that new workspaces join.

    Example: delivery
    """


class State(Model):
    """Where Terraform keeps each stack's state: in one of these places, else in a file.

    ``{stack}`` stands for the stack's name, so that no two share a state. Credentials never stand
    here: Terraform reads them where it runs (``AWS_…``, ``GOOGLE_…``, ``ARM_…``, ``TF_HTTP_…``,
    ``TF_TOKEN_…``). Moving a state takes three steps: docs/operations.md#moving-the-state.
    """

    local: Local | None = None
    """In a file.

    Example: {path: "../../../states/{stack}.tfstate"}
    """
    s3: S3 | None = None
    """In an S3 bucket.

    Example: {bucket: state-of-acme, region: eu-west-1}
    """
    gcs: Gcs | None = None
    """In a Google Cloud Storage bucket.

    Example: {bucket: state-of-acme}
    """
    azurerm: Azurerm | None = None
    """In Azure Blob Storage.

    Example: {storage_account: stateofacme, container: states}
    """
    http: Http | None = None
    """Behind a server that speaks Terraform's protocol, such as GitLab.

    Example: {address: "https://state.example.com/{stack}"}
    """
    remote: Remote | None = None
    """In workspaces of HCP Terraform or Terraform Enterprise, through the older ``remote`` backend.

    Example: {organization: acme}
    """
    cloud: Cloud | None = None
    """In workspaces of HCP Terraform or Terraform Enterprise.

    Example: {organization: acme}
    """

    @model_validator(mode="after")
    def _one_place(self) -> "State":
        given = sorted(self.model_fields_set)
        for name in given:
            if getattr(self, name) is None:
                raise ValueError(
                    f"{name} says nothing, and the state would be a file; "
                    f"say where it is, or leave {name} out"
                )
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)}: state is in one place; keep one of them")
        return self

    @property
    def workspaces(self) -> WorkspaceName | None:
        """The template of the workspaces' names, where each stack has one."""
        return next((place.workspaces for place in (self.remote, self.cloud) if place), None)
