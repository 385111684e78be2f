"""Addresses without hashes."""

import pytest

from keyless_ecs.stacks.addresses import readable


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
