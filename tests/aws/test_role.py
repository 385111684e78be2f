"""IAM roles."""

from cdktf import TerraformStack

from keyless_ecs.aws.role import Role
from keyless_ecs.aws.task_roles import exec_channels, task_trust
from tests.conftest import ReadContent, Resources

TRUST = task_trust(partition="aws", region="eu-west-1", account_id="123456789012")


def test_documents_are_readable(stack: TerraformStack, content: ReadContent) -> None:
    """A reviewer reads a policy as data: it stands as a local, and the resource encodes it."""
    permissions = exec_channels()
    Role(stack, "task_role", name="x", description="x", trust=TRUST, permissions=permissions)

    assert content()["locals"] == {"task_role_trust": TRUST, "task_role_permissions": permissions}
    role = content()["resource"]["aws_iam_role"]["task_role"]
    assert role["assume_role_policy"] == "${jsonencode(local.task_role_trust)}"


def test_an_account_can_bound_its_roles(stack: TerraformStack, resources: Resources) -> None:
    """Path and permissions boundary reach the role, where an organization demands them."""
    Role(
        stack,
        "task_role",
        name="papyrus-production-task",
        description="The application",
        trust=TRUST,
        path="/delivery/",
        permissions_boundary="arn:aws:iam::123456789012:policy/bound",
        max_session_seconds=7200,
    )

    assert resources("aws_iam_role")["task_role"] == {
        "name": "papyrus-production-task",
        "description": "The application",
        "path": "/delivery/",
        "permissions_boundary": "arn:aws:iam::123456789012:policy/bound",
        "max_session_duration": 7200,
        "assume_role_policy": "${jsonencode(local.task_role_trust)}",
    }


def test_a_role_without_permissions_has_no_policy(
    stack: TerraformStack, resources: Resources
) -> None:
    """An application that needs nothing of AWS gets nothing."""
    Role(stack, "task_role", name="x", description="x", trust=TRUST)

    assert resources("aws_iam_role_policy") == {}
    assert resources("aws_iam_role_policy_attachment") == {}
