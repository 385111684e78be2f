"""What starts a run and a job: the refs that the environments take, as far as GitHub can say."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.refs import Refs, full, problem
from keyless_ecs.github.patterns import filter_takes
from keyless_ecs.github.refs import condition, push_filters
from keyless_ecs.rehearsal.pipeline.expressions import Contexts

segments = st.sampled_from(["a", "b", "ab", "*", "a*", "*b", "a*b", "b-*", "*-*", "**"])
patterns = (
    st.lists(segments, min_size=1, max_size=3)
    .map("/".join)
    .filter(lambda pattern: problem(pattern) is None)
)
names = st.lists(st.text("ab-", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)
allowed = st.lists(patterns, min_size=1, max_size=2)
wanted = st.builds(full, allowed, st.just([]), st.lists(patterns, max_size=2))


@dataclass(frozen=True)
class DeployFrom:
    """As much of one as its refs."""

    refs: Refs


@dataclass(frozen=True)
class Environment:
    """As much of a delivery as where it deploys from."""

    deploy_from: DeployFrom


def filters(*refs: Refs) -> dict[str, list[str]]:
    """Return the filters of ``on.push`` for environments with these refs."""
    deliveries: Sequence[Delivery] = [Environment(DeployFrom(each)) for each in refs]  # type: ignore[misc]
    return push_filters(deliveries)


def runs(refs: Refs, ref: str) -> bool:
    """Tell whether a job with the condition of *refs* runs on *ref*."""
    return Contexts({"github": {"ref": ref}}).holds(condition(refs))


@given(wanted, names)
def test_one_environment_starts_what_it_takes(refs: Refs, name: str) -> None:
    """A repository with one environment needs no condition: its filter is exact."""
    assert filter_takes(filters(refs).get("branches", []), name) == refs.admits(
        f"refs/heads/{name}"
    )


@given(wanted, wanted, names)
def test_no_environment_loses_by_another(one: Refs, other: Refs, name: str) -> None:
    """R1: an exception of production's is not one of staging's, in one file for both."""
    ref = f"refs/heads/{name}"
    starts = filter_takes(filters(one, other).get("branches", []), name)

    for refs in (one, other):
        if refs.admits(ref):
            assert starts
            assert runs(refs, ref)


@pytest.mark.parametrize(
    ("refs", "runs_on", "stays_out"),
    [
        (full([], ["v*.*.*"], ["v*-*"]), ["refs/tags/v1.2.3"], ["refs/tags/v1.2.3-rc.1"]),
        (full(["main"], ["v*"], ["v*-rc"]), ["refs/tags/v1-r"], ["refs/tags/v1-rc"]),
        (full(["r/**"], [], ["r/old/**"]), ["refs/heads/r/new"], ["refs/heads/r/old/x"]),
        (full(["r/**"], [], ["r/old"]), ["refs/heads/r/old/x"], ["refs/heads/r/old"]),
        (full(["**"], [], ["main"]), ["refs/heads/x/y"], ["refs/heads/main"]),
        (full(["**/fix"], [], []), ["refs/heads/fix", "refs/heads/a/b/fix"], ["refs/heads/fixx"]),
        # What an expression cannot tell apart runs, and the role refuses it.
        (full([], ["rel-*"], ["rel-*-*"]), ["refs/tags/rel-1", "refs/tags/rel-1-2"], []),
    ],
)
def test_a_job_runs_for_what_its_environment_takes(
    refs: Refs, runs_on: list[str], stays_out: list[str]
) -> None:
    """R1: where a filter cannot say an exception, the job's condition does."""
    assert [ref for ref in [*runs_on, *stays_out] if runs(refs, ref)] == runs_on


def test_the_filters_of_r1() -> None:
    """R1 in one repository: production's exception would keep staging's candidates out."""
    staging = full([], ["v*-rc*"], [])
    production = full([], ["v*.*.*"], ["v*-*"])

    assert filters(production) == {"tags": ["v*.*.*", "!v*-*"]}
    assert filters(staging, production) == {"tags": ["v*-rc*", "v*.*.*"]}
    assert filters(production, production) == {"tags": ["v*.*.*", "!v*-*"]}
