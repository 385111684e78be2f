"""The pipeline over many interleavings: its properties hold on the generated workflows.

Bytes choose what happens next: pushes, force-pushes, tags, approvals given, refused and never
given, wait timers, dispatches, cancellations, re-runs, expiry, failures, and which of the jobs that
run makes its next call. After them everything runs out. A failing test says which bytes; ``story``
of the walk tells what happened.
"""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.model.properties import PROPERTIES, violations
from tests.pipeline.scenes import FILES, SCRIPTS, scene, scene_of

INTERLEAVINGS = 8 * settings().max_examples // 5
"""For each delivery file: forty in each ``make test``, eight thousand in ``make soak``."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]


@pytest.fixture(autouse=True)
def no_shell_is_left() -> Any:
    """End the shells that wait for answers which no longer come."""
    yield
    SCRIPTS.close()


@pytest.mark.parametrize("name", FILES)
@given(
    choices=st.binary(min_size=20, max_size=150),
    bound=st.sampled_from([100, 2]),
    spreads=st.booleans(),
)
@settings(max_examples=INTERLEAVINGS)
def test_the_properties_hold(name: str, choices: bytes, bound: int, spreads: bool) -> None:
    """All eleven, whatever happens in whatever order.

    With GitHub's bound of a hundred pending entries, and with one that is reached; whether or not
    a cancelled dependency counts as cancelled, on which GitHub's documentation and what people saw
    differ.
    """
    assert scene(name).violations(choices, bound=bound, cancelled_spreads=spreads) == {}


@pytest.mark.parametrize("name", FILES)
def test_a_calm_delivery_arrives(name: str) -> None:
    """Where nothing goes wrong a commit runs everywhere: no property holds idly."""
    walk = scene(name).calm()

    ran = {
        service: [truth.commit for truth in walk.world.ran[service]] for service in walk.world.ran
    }
    assert ran == {
        service: [walk.world.git.refs["refs/heads/main"]] for service in walk.services.values()
    }
    assert {run.conclusion for run in walk.world.runs} == {"success"}


@pytest.mark.parametrize("name", FILES)
def test_what_was_released_stays(name: str) -> None:
    """However much is delivered in between to the environment that it was promoted from."""
    walk = scene(name).busy()

    assert violations(walk) == {}
    assert {run.conclusion for run in walk.world.runs} == {"success"}


@pytest.mark.parametrize("name", FILES)
def test_the_properties_hold_of_stories(name: str) -> None:
    """A failed rollout, quick pushes, the last one first, and a failure at every fourth call."""
    assert [found for walk in scene(name).stories() if (found := violations(walk))] == []


@pytest.mark.parametrize("branches", [["main"], ["main", "feature/*"]])
def test_who_may_push_decides_what_is_promoted(branches: list[str]) -> None:
    """Who can push to a wildcard of the source reaches production: of that a file is warned.

    IAM knows no tags: a build role may write any that is free.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    data = copy.deepcopy(FILES["released"])
    data["services"]["web"]["environments"]["staging"]["deploy_from"] = {"branches": branches}
    warnings: list[str] = []
    walk = scene_of(data, warnings.append).attacked(
        "refs/heads/feature/x", "staging-build", "web-staging"
    )

    assert (6 in violations(walk)) is any("feature/*" in warning for warning in warnings)
    assert (6 in violations(walk)) is (len(branches) > 1)


def test_every_property_is_looked_at() -> None:
    """Seven is part of six: what reaches an environment that promotes."""
    assert sorted(PROPERTIES) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
