"""Addresses without hashes."""

import re
from collections.abc import Callable

import pytest

from keyless_ecs.stacks.addresses import readable
from tests.conftest import Content


def element(path: str) -> dict[str, object]:
    """Return a resource as CDKTF writes it, with the note of its construct path."""
    return {"name": "x", "//": {"metadata": {"path": path, "uniqueId": "ignored"}}}


def test_names_and_references_lose_the_hash() -> None:
    """Wherever a hashed name stands, the construct path stands instead; the notes go."""
    stack = {
        "locals": {"role_trust_0A1B2C3D": {"x": "${aws_ecr_repository.registry.arn}"}},
        "resource": {
            "aws_ecr_repository": {"registry": element("stack/registry/Default")},
            "aws_ecr_lifecycle_policy": {
                "registry_lifecycle_E9B5B0E7": {
                    **element("stack/registry/lifecycle"),
                    "policy": "${jsonencode(local.role_trust_0A1B2C3D)}",
                }
            },
        },
        "import": [{"to": "aws_ecr_lifecycle_policy.registry_lifecycle_E9B5B0E7"}],
    }

    assert readable(stack) == {
        "locals": {"role_trust": {"x": "${aws_ecr_repository.registry.arn}"}},
        "resource": {
            "aws_ecr_repository": {"registry": {"name": "x"}},
            "aws_ecr_lifecycle_policy": {
                "registry_lifecycle": {
                    "name": "x",
                    "policy": "${jsonencode(local.role_trust)}",
                }
            },
        },
        "import": [{"to": "aws_ecr_lifecycle_policy.registry_lifecycle"}],
    }


def test_a_name_that_begins_like_another_is_not_cut() -> None:
    """The longer one is replaced first."""
    stack = {
        "locals": {"a_0A1B2C3D": 1, "a_0A1B2C3D_b_11111111": "${local.a_0A1B2C3D}"},
    }

    assert readable(stack) == {"locals": {"a": 1, "a_0A1B2C3D_b": "${local.a}"}}


def test_two_elements_never_get_one_name() -> None:
    """One would silently replace the other."""
    stack = {
        "resource": {
            "aws_iam_role": {
                "a_b_c_11111111": element("stack/a_b/c"),
                "a_b_c_22222222": element("stack/a/b_c"),
            }
        }
    }

    with pytest.raises(
        ValueError, match=r"more than one element would be called aws_iam_role.a_b_c"
    ):
        readable(stack)


def test_a_users_text_that_looks_like_a_name_stays(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """Only what CDKTF wrote is written otherwise: keys, and references outside a user's text."""
    text = "registry_lifecycle_E9B5B0E7 ${aws_ecr_repository.registry_rules_0A1B2C3D.arn}"
    example["services"]["papyrus"]["container"]["variables"] = {"A": text}

    (container,) = delivered(example, "papyrus-production")["locals"]["template_containers"]
    assert container["environment"] == [{"name": "A", "value": text.replace("${", "$${")}]


def test_texts_that_are_spelled_alike_have_addresses_of_their_own(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """Nothing is called what another is, and no name is one that Terraform refuses."""
    branches = ["a.b", "a_dot_b", "a__b", "a_b", "A_", "A", "x/y", "x_slash_y", "v*", "v_star"]
    policies = ["trust", "Default", "policy", "policies", "team@x=y,z.w", "permissions"]
    environment = example["services"]["papyrus"]["environments"]["production"]
    environment["deploy_from"] = {"branches": branches}
    environment["exec"] = True
    managed = [f"arn:aws:iam::123456789012:policy/{name}" for name in policies]
    default = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    environment["task"] = {
        "task_role_policies": managed,
        "execution_role_policies": [*managed, default],
    }

    made = delivered(example, "papyrus-production")["resource"]
    refs = made["github_repository_environment_deployment_policy"]
    for environment in ("environment", "build_environment"):
        made_there = [ref for name, ref in refs.items() if name.startswith(f"{environment}_")]
        assert sorted(ref["branch_pattern"] for ref in made_there) == sorted(branches)
    attached = made["aws_iam_role_policy_attachment"]
    assert len(attached) == 2 * len(policies) + 1
    for name in [*refs, *attached]:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name), name
