"""CODEOWNERS has the paths of the repository that it is for."""

import pytest

from keyless_ecs.github import code_owners


@pytest.mark.parametrize(
    ("root", "paths"),
    [
        ("generated", ["/delivery.yaml", "/generated/"]),
        ("delivery/generated", ["/delivery/delivery.yaml", "/delivery/generated/"]),
        ("a/b/stacks", ["/a/b/delivery.yaml", "/a/b/stacks/"]),
        (".", ["/delivery.yaml", "/"]),
    ],
)
def test_the_paths_are_those_of_the_repository(root: str, paths: list[str]) -> None:
    """Kind 10: in a monorepo of others the two stand elsewhere."""
    text = code_owners.of_terraform(["@acme/platform"], root)
    lines = [line for line in text.splitlines() if not line.startswith("#")]

    assert lines == [f"{path} @acme/platform" for path in [*paths, "/.github/"]]
