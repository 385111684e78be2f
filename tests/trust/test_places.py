"""Each ref is tried against all three places, and where they differ is shown."""

from collections.abc import Callable
from typing import Any

import pytest

from keyless_ecs.config import DeliveryFile
from keyless_ecs.trust.places import lines, said_of_refs
from tests.conftest import Content
from tests.support.config import with_runners

Loaded = Callable[[Content], DeliveryFile]


def said(loaded: Loaded, data: Content, environment: str = "production") -> dict[str, Any]:
    """Return what the places say of the refs near those of an environment, by ref."""
    deliveries = list(loaded(data).deliveries())
    (delivery,) = (each for each in deliveries if each.environment_key == environment)
    return {each.ref: each for each in said_of_refs(delivery, deliveries)}


@pytest.mark.parametrize(
    "deploy_from",
    [
        {"branches": ["main"], "tags": ["v*.*.*"]},
        {"branches": ["release/*", "release/**/lts", "dep*"]},
        {"branches": ["hotfix/**/*"], "tags": ["a/**"]},
        {"any_branch": True},
    ],
)
@pytest.mark.parametrize("trust", [{}, {"subject": "immutable"}, {"by": "ref"}])
def test_without_exceptions_all_three_say_the_same(
    loaded: Loaded, example: Content, deploy_from: Content, trust: Content
) -> None:
    """R2, R3: a ref that one place takes and another does not is a delivery that fails half way."""
    if deploy_from.get("any_branch") and trust.get("by") == "ref":
        pytest.skip("refused")
    environment = example["services"]["papyrus"]["environments"]["production"]
    environment |= {"deploy_from": deploy_from, "trust": trust}

    found = said(loaded, example)
    assert {each.wanted for each in found.values()} == {True, False}
    for each in found.values():
        by_environment = each.wanted if each.environment is None else each.environment
        assert (each.push, by_environment, each.role) == (each.wanted,) * 3, each
        assert each.why == ""


def test_an_exception_is_the_roles(loaded: Loaded, example: Content) -> None:
    """R1: no deployment policy says an exception, and whoever reads the table sees who does."""
    environment = example["services"]["papyrus"]["environments"]["production"]
    environment["deploy_from"] = {"tags": ["v*.*.*"], "except": ["v*.*.*-*"]}

    candidate = said(loaded, example)["refs/tags/v1.2.3-4"]
    assert (candidate.push, candidate.environment, candidate.role) == (False, True, False)
    assert candidate.why == "an exception: the role alone refuses it"


def test_a_neighbour_starts_the_file_they_share(loaded: Loaded, example: Content) -> None:
    """The workflow of a repository is one; its jobs are told apart behind the push."""
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = {
        "account": "main",
        "deploy_from": {"branches": ["**/x", "wip", "feature/*"]},
        "registry": {"name": "app/staging"},
    }

    found = said(loaded, example)["refs/heads/feature/x"]
    assert (found.push, found.environment, found.role) == (True, False, False)
    assert found.why == "starts the jobs of another environment"


def test_an_enterprise_server_has_one_place_less(loaded: Loaded, example: Content) -> None:
    """AWS reads no ref of its tokens: the environment's policies alone keep others out."""
    data = with_runners(example)
    data["github"]["issuer"] = "https://git.acme.example/_services/token"

    found = said(loaded, data)["refs/heads/feature/x"]
    assert (found.environment, found.role) == (False, True)
    assert "AWS cannot check refs here" in found.why


def test_the_table_is_read_at_a_glance(loaded: Loaded, example: Content) -> None:
    """A line a ref, in columns."""
    (delivery,) = loaded(example).deliveries()
    title, makers, head, _, *rows = lines(delivery, said_of_refs(delivery, [delivery]))

    assert title == "papyrus-production: refs, as each place takes them"
    assert makers == "made by whoever can write to the repository"
    assert head.split() == ["ref", "on.push", "environment", "role"]
    assert rows[0].split() == ["refs/heads/main", "yes", "yes", "yes"]
    assert ["refs/tags/v1/2.1.2", "no", "no", "no"] in [row.split() for row in rows]
