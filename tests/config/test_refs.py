"""One language for branches and tags, and what each place that it is written to makes of it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyless_ecs.config import refs
from keyless_ecs.config.refs import Refs, covers, full, matches, overlap, problem
from keyless_ecs.github.patterns import filter_takes, fnmatch_covers
from keyless_ecs.github.refs import fnmatch_pattern
from keyless_ecs.trust import evaluator
from keyless_ecs.trust.claims import condition_keys
from keyless_ecs.trust.policy import trust_policy
from keyless_ecs.trust.refs import statements
from tests.conftest import Content
from tests.support import proofs
from tests.support.config import changed, problems

ENVIRONMENT = "services.papyrus.environments.production"

segments = st.sampled_from(["a", "b", "ab", "b-a", "*", "a*", "*b", "a*b", "*-*", "**"])
patterns = (
    st.lists(segments, min_size=1, max_size=4)
    .map("/".join)
    .filter(lambda pattern: problem(pattern) is None)
)
names = st.lists(st.text("ab-", min_size=1, max_size=3), min_size=1, max_size=5).map("/".join)


def by_iam(allowed: Refs, ref: str) -> bool:
    """Tell whether IAM lets *ref* in by the statements made of *allowed*."""
    return any(
        any(evaluator._like(pattern, ref) for pattern in each.like)
        and not any(evaluator._like(pattern, ref) for pattern in each.not_like)
        for each in statements(allowed)
    )


@given(st.lists(patterns, min_size=1, max_size=3), names)
def test_three_places_say_the_same(allowed: list[str], name: str) -> None:
    """R2, R3: GitHub's push filter, its environments and IAM each have a language of their own.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    https://docs.github.com/en/rest/deployments/branch-policies
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    expected = any(matches(pattern, name) for pattern in allowed)
    written = [fnmatch_pattern(pattern) for pattern in allowed]

    assert filter_takes(map(refs.canonical, allowed), name) == expected
    assert any(fnmatch_covers(pattern, name) for pattern in written) == expected
    assert by_iam(full(allowed, [], []), f"refs/heads/{name}") == expected
    assert not by_iam(full(allowed, [], []), f"refs/tags/{name}")
    # A ruleset reads as a deployment policy does, full refs.
    rulesets = [fnmatch_pattern(each) for each in full(allowed, [], []).allowed]
    assert any(fnmatch_covers(each, f"refs/heads/{name}") for each in rulesets) == expected


@given(st.lists(patterns, min_size=1, max_size=3), st.lists(patterns, max_size=2), names)
def test_exceptions_are_excluded_and_nothing_else(
    allowed: list[str], exceptions: list[str], name: str
) -> None:
    """IAM alone can say an exception always: no other ref may be lost by it, and none come in."""
    wanted = full(allowed, [], exceptions)
    sayable = all(
        "**" not in pattern or "*" not in excluded or "**" in excluded
        for pattern in wanted.allowed
        for excluded in wanted.refused
    )

    if sayable:
        assert by_iam(wanted, f"refs/heads/{name}") == wanted.admits(f"refs/heads/{name}")


@given(patterns, patterns, names)
def test_patterns_meet_where_a_ref_is_in_both(one: str, other: str, name: str) -> None:
    """What is warned of and what is kept apart in IAM stands on this."""
    if matches(one, name) and matches(other, name):
        assert overlap(one, other)
    if covers(one, other) and matches(other, name):
        assert matches(one, name)


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("main", ["main"], ["main/x", "Main", "main2"]),
        ("feature/*", ["feature/x"], ["feature/team/x", "feature", "features/x"]),
        ("release/**", ["release/1", "release/1/2/3"], ["release", "releases/1"]),
        ("hotfix/**/*", ["hotfix/1", "hotfix/a/b"], ["hotfix"]),
        ("dep*", ["dep", "deploy"], ["dep/x"]),
        ("**/hotfix", ["hotfix", "team/a/hotfix"], ["hotfix/x", "xhotfix"]),
        ("team/**/main", ["team/main", "team/a/b/main"], ["main", "team/main/x"]),
        ("dep*/**", ["dep/x", "deps/x/y"], ["dep", "x/dep/y"]),
        ("v*.*.*", ["v1.2.3", "v0.1.0-rc.1"], ["v1.2", "v1/2.3.4", "1.2.3"]),
        ("*/main", ["a/main"], ["main", "a/b/main"]),
        ("release/*/v*", ["release/a/v1"], ["release/v1", "release/a/b/v1", "release/a/v1/x"]),
        ("a.b", ["a.b"], ["axb"]),
    ],
)
def test_a_star_is_within_a_segment(
    pattern: str, covered: list[str], not_covered: list[str]
) -> None:
    """R2, R3, and their neighbours: one meaning, written down once more as names."""
    assert problem(pattern) is None
    for name in [*covered, *not_covered]:
        for said in (
            matches(pattern, name),
            filter_takes([refs.canonical(pattern)], name),
            fnmatch_covers(fnmatch_pattern(pattern), name),
            by_iam(full([pattern], [], []), f"refs/heads/{name}"),
        ):
            assert said == (name in covered), name


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("feature**", 'is but a * to GitHub\'s environments; use "feature*"'),
        ("**-rc", 'use "*-rc"'),
        ("a/***/b", 'use "a/*/b"'),
        ("**/v*", "mixes * and ** as AWS, whose * covers slashes, cannot"),
        ("a/**/b*/c", "mixes * and **"),
        ("*a/**", "mixes * and **"),
        ("a/**/**/b/**", "more than two **"),
        ("**", "matches every ref"),
        ("*/*", "matches every ref"),
        ("a//b", "is no name that Git takes"),
        ("a/.b", "is no name that Git takes"),
        ("a..b", "is no name that Git takes"),
        ("main.lock", "is no name that Git takes"),
        ("main/", "is no name that Git takes"),
        ("!main", 'write deploy_from: {except: ["main"]}'),
        ("-x", "is no name that Git takes"),
        ("v[0-9]", "is not a branch or tag pattern"),
        ("v1+", "is not a branch or tag pattern"),
        ("HEAD", "no branch's name; name the branch"),
        ("\u6a5f\u80fd/*", "is no letter of Western Europe"),
        ("e\u0301", "is no letter of Western Europe"),
        ("v\u00b2", "is no letter of Western Europe"),
        ("refs/heads/main", "is a full ref"),
    ],
)
def test_what_one_place_cannot_say_is_refused(
    tmp_path: Path, example: Content, value: str, said: str
) -> None:
    """R3: a pattern that two of the places read otherwise; N3; and names that Git refuses.

    https://git-scm.com/docs/git-check-ref-format
    """
    data = changed(example, f"{ENVIRONMENT}.deploy_from", {"branches": [value]})
    (problem_,) = problems(tmp_path / "bad.yaml", data)

    assert said in problem_


@pytest.mark.parametrize("name", ["é", "Straße/*", "año-*", "ÿ"])
def test_the_letters_that_iam_takes_are_taken(example: Content, name: str, delivered: Any) -> None:
    """N3, the other way: Git and GitHub know any letter, IAM those up to U+00FF.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    data = changed(example, f"{ENVIRONMENT}.deploy_from", {"branches": [name]})

    content = delivered(data, "papyrus-production")

    policies = content["resource"]["github_repository_environment_deployment_policy"].values()
    assert {policy["branch_pattern"] for policy in policies} == {name}


def deploy_from(example: Content, **settings: Any) -> Content:
    """Return the example with another ``deploy_from``; ``except_`` stands for ``except``."""
    named = {name.rstrip("_"): value for name, value in settings.items()}
    return changed(example, f"{ENVIRONMENT}.deploy_from", named)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tags": ["v*"], "except_": ["w*"]}, "excludes nothing that may deploy; leave it out"),
        ({"tags": ["v*"], "except_": ["v*/x"]}, "excludes nothing that may deploy"),
        ({"tags": ["v*-rc"], "except_": ["v*"]}, "excludes all of 'v*-rc'"),
        ({"branches": ["main"], "except_": ["main"]}, "excludes all of 'main'"),
        ({"branches": ["r/**"], "except_": ["r/x-*"]}, 'name "r/x-*/**" as well'),
        ({"branches": ["r/**"], "except_": ["r/*-x"]}, "write the names out, without *"),
        ({"branches": ["r/**", "r/**/*"]}, "means what 'r/**' does"),
        ({"branches": ["main"], "any_branch": True}, "leave one of them out"),
    ],
)
def test_an_exception_takes_away_what_it_says(
    tmp_path: Path, example: Content, settings: dict[str, Any], said: str
) -> None:
    """R1's mend, mistyped: an exception that does nothing is as bad as none."""
    (problem_,) = problems(tmp_path / "bad.yaml", deploy_from(example, **settings))

    assert said in problem_


@pytest.mark.parametrize(
    "settings",
    [
        {"branches": ["r/**"], "except_": ["r/x-*", "r/x-*/**"]},
        {"branches": ["r/**"], "except_": ["r/old", "r/old/**"]},
        {"tags": ["v*.*.*"], "except_": ["v*-*"]},
        {"any_branch": True, "except_": ["main"]},
        {"any_branch": True, "tags": ["v*"], "except_": ["dependabot/**"]},
    ],
)
def test_what_every_place_together_can_say_passes(
    loaded: Any, example: Content, settings: dict[str, Any]
) -> None:
    """R1, R5: and the role admits what is meant, no more."""
    (delivery,) = loaded(deploy_from(example, **settings)).deliveries()

    for name in ("main", "r/old", "r/old/1", "r/x-1", "r/x-1/2", "r/y", "dependabot/x", "v1.2.3-a"):
        for ref in (f"refs/heads/{name}", f"refs/tags/{name}"):
            assert by_iam(delivery.deploy_from.refs, ref) == delivery.deploy_from.refs.admits(
                ref
            ), ref


def test_a_release_candidate_reaches_no_production(loaded: Any, example: Content) -> None:
    """R1: ``v*.*.*`` covers ``v0.1.0-rc.1``; with an exception the role refuses it."""
    data = deploy_from(example, tags=["v*.*.*"], except_=["v*-*"])
    (delivery,) = loaded(data).deliveries()

    assert delivery.deploy_from.refs.admits("refs/tags/v0.1.0")
    assert not delivery.deploy_from.refs.admits("refs/tags/v0.1.0-rc.1")
    role = proofs.deploy_role(branches=[], exceptions=["v*-*"])
    for ref, expected in (("refs/tags/v0.1.0", True), ("refs/tags/v0.1.0-rc.1", False)):
        assert assumed(role, ref) == expected


def assumed(role: Any, ref: str) -> bool:
    """Tell whether a job of the role's environment that runs on *ref* gets in."""
    claims = {
        "aud": role.audience,
        "sub": f"repo:{role.owner}/{role.repository}:environment:{role.environment}",
        "repository_id": role.repository_id,
        "ref": ref,
    }
    return evaluator.assumes_with_web_identity(
        trust_policy(role),
        provider_arn=role.provider_arn,
        issuer=role.issuer,
        claims=condition_keys(role.issuer, claims),
    )


@pytest.mark.parametrize("by", ["environment", "ref"])
def test_the_role_admits_what_a_branch_rule_protects(by: str) -> None:
    """R4: by ``ref``, ``release/*`` let in ``release/a/b``, which its branch rule leaves open.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/managing-a-branch-protection-rule
    """
    proved = proofs.trust("", proofs.deploy_role(by=by, branches=["release/*"], tags=[]))

    assert proved.failures() == []
    assert any("refs/heads/release/1/2" in attempt.name for attempt in proved.tries)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, None),
        ({"github": {"reviewers": {"users": ["octocat"]}}}, "is protected by github.reviewers"),
        ({"github": {"wait_minutes": 5}}, "is protected by github.reviewers or wait_minutes"),
        ({"trust": {"by": "ref"}}, "no branch rule protects all"),
        (
            {"github": {"ruleset": {"roles": ["admin"]}}},
            "nobody else could make any branch of the repository",
        ),
    ],
)
def test_any_branch_is_for_an_environment_without_protection(
    tmp_path: Path, loaded: Any, example: Content, more: dict[str, Any], said: str | None
) -> None:
    """R5: a team that deploys any branch to dev by hand says so in a word of its own."""
    data = deploy_from(example, any_branch=True)
    data["services"]["papyrus"]["environments"]["production"].update(more)

    if said is None:
        (delivery,) = loaded(data).deliveries()
        assert delivery.deploy_from.refs.admits("refs/heads/feature/team/x")
        assert not delivery.deploy_from.refs.admits("refs/tags/v1")
        assert not delivery.deploy_from.refs.admits("refs/pull/1/merge")
    else:
        (problem_,) = problems(tmp_path / "bad.yaml", data)
        assert said in problem_


def test_an_enterprise_server_has_no_exceptions(tmp_path: Path, example: Content) -> None:
    """Its deployment policies cannot say one, and STS does not read its ``ref``."""
    data = deploy_from(example, tags=["v*"], except_=["v*-rc"])
    data["github"]["issuer"] = "https://git.acme.example/_services/token"

    assert any("nothing enforces it" in each for each in problems(tmp_path / "bad.yaml", data))
