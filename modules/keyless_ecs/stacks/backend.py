"""Where a stack's state is: the delivery file's choice as Terraform's backend block."""

from cdktf import (
    AzurermBackend,
    CloudBackend,
    GcsBackend,
    HttpBackend,
    LocalBackend,
    NamedCloudWorkspace,
    NamedRemoteWorkspace,
    RemoteBackend,
    S3Backend,
    S3BackendAssumeRoleConfig,
    TerraformStack,
)

from keyless_ecs.config.state import Local, State, placed


def declare(stack: TerraformStack, state: State, name: str) -> None:
    """Declare in *stack*, called *name*, where its state is.

    Always: without a backend, cdktf writes an absolute path of the machine that ran it.
    """
    if s3 := state.s3:
        S3Backend(
            stack,
            bucket=s3.bucket,
            key=placed(s3.key, name),
            region=s3.region,
            encrypt=True,
            kms_key_id=s3.kms_key,
            assume_role=(
                S3BackendAssumeRoleConfig(role_arn=s3.assume_role) if s3.assume_role else None
            ),
        )
        if s3.lock_file:
            # cdktf 0.21 does not know the argument, Terraform does since 1.10.
            stack.add_override("terraform.backend.s3.use_lockfile", True)
    elif gcs := state.gcs:
        GcsBackend(
            stack,
            bucket=gcs.bucket,
            prefix=placed(gcs.prefix, name),
            kms_encryption_key=gcs.kms_key,
            impersonate_service_account=gcs.impersonate,
        )
    elif azurerm := state.azurerm:
        AzurermBackend(
            stack,
            storage_account_name=azurerm.storage_account,
            container_name=azurerm.container,
            key=placed(azurerm.key, name),
            resource_group_name=azurerm.resource_group,
            subscription_id=azurerm.subscription_id,
            use_azuread_auth=azurerm.entra_id,
        )
    elif http := state.http:
        lock_address = placed(http.lock_address, name) if http.lock_address else None
        HttpBackend(
            stack,
            address=placed(http.address, name),
            update_method=http.update_method,
            lock_address=lock_address,
            lock_method=http.lock_method if lock_address else None,
            unlock_address=lock_address,
            unlock_method=http.unlock_method if lock_address else None,
        )
    elif remote := state.remote:
        RemoteBackend(
            stack,
            hostname=remote.hostname,
            organization=remote.organization,
            workspaces=NamedRemoteWorkspace(placed(remote.workspaces, name)),
        )
    elif cloud := state.cloud:
        CloudBackend(
            stack,
            hostname=cloud.hostname,
            organization=cloud.organization,
            workspaces=NamedCloudWorkspace(placed(cloud.workspaces, name), cloud.project),
        )
    else:
        LocalBackend(stack, path=placed((state.local or Local()).path, name))


def terraform_version(state: State) -> str:
    """Return the constraint on Terraform itself that the backend asks for."""
    if state.s3 and state.s3.lock_file:
        return ">= 1.10.0"
    if state.s3 and state.s3.assume_role:
        return ">= 1.6.0"
    return ">= 1.5.0"
