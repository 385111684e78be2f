"""The stand-in answers as GitHub does, and refuses what that refuses."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.github.patterns import fnmatch_covers
from keyless_ecs.rehearsal.github.store import GitHub, Protection, RefusedError

PAPYRUS = "Nickelth/Papyrus"
API = "https://api.github.com/repos/Nickelth/Papyrus"
PRODUCTION = f"{API}/environments/production"
OPEN: Protection = {
    "wait_timer": 0,
    "users": [],
    "teams": [],
    "prevent_self_review": False,
    "can_admins_bypass": True,
    "deployment_branch_policy": None,
}
CUSTOM = {"protected_branches": False, "custom_branch_policies": True}
PROTECTED = {"protected_branches": True, "custom_branch_policies": False}


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    """Return a GitHub with one repository, a user and a team."""
    return GitHub.create(
        tmp_path / "github.json",
        owner="Nickelth",
        owner_id=1,
        repositories={"Papyrus": 42},
        users={f"user-{id_}": id_ for id_ in range(10, 17)},
        teams={"platform": 5},
    )


@pytest.fixture
def production(github: GitHub) -> GitHub:
    """Return the same with an environment from which patterns may deploy."""
    github.put_environment(PAPYRUS, "production", rules(deployment_branch_policy=CUSTOM))
    return github


def rules(**differing: Any) -> Protection:
    """Return an environment's rules, open but for what is *differing*."""
    return Protection(**{**OPEN, **differing})  # type: ignore[typeddict-item]


def refusal(request: Callable[[], object]) -> str:
    """Return how GitHub refuses *request*."""
    with pytest.raises(RefusedError) as refused:
        request()
    return str(refused.value)


def test_a_job_sees_its_environment_over_its_repository(production: GitHub) -> None:
    """What both hold under one name, in any case, is the environment's."""
    production.create_variable(PAPYRUS, None, "region", "of the repository")
    production.create_variable(PAPYRUS, None, "OWNER", "x")
    production.create_variable(PAPYRUS, "production", "REGION", "of the environment")
    production.put_secret(PAPYRUS, "production", "token", "hush")
    production.put_secret(PAPYRUS, "production", "SEALED", None)

    assert production.variables(PAPYRUS) == {"OWNER": "x", "REGION": "of the repository"}
    assert production.variables(PAPYRUS, "production") == {
        "OWNER": "x",
        "REGION": "of the environment",
    }
    assert production.secrets(PAPYRUS) == {}
    assert production.secrets(PAPYRUS, "production") == {"TOKEN": "hush", "SEALED": None}


def test_names_are_found_in_any_case(production: GitHub) -> None:
    """Owners, repositories, environments and values go by their name in any case."""
    production.create_variable(PAPYRUS, "production", "Region", "x")

    assert production.variables("nickelth/papyrus", "Production") == {"REGION": "x"}
    assert production.repository("NICKELTH/PAPYRUS")["full_name"] == PAPYRUS
    assert production.user("USER-10") == {"id": 10, "name": "user-10"}
    production.put_environment(PAPYRUS, "PRODUCTION", rules())
    assert production.environment(PAPYRUS, "production")["name"] == "production"
    assert production.variables(PAPYRUS, "production") == {"REGION": "x"}


def test_what_does_not_exist_is_not_found(production: GitHub) -> None:
    """Each request for it is refused, by its method and address."""
    not_found = "404 Not Found []"
    other = "https://api.github.com/repos/Nickelth/Other"
    assert [
        refusal(lambda: production.repository("Nickelth/Other")),
        refusal(lambda: production.repository("Somebody/Papyrus")),
        refusal(lambda: production.put_environment("Nickelth/Other", "production", rules())),
        refusal(lambda: production.create_variable("Nickelth/Other", None, "A", "")),
        refusal(lambda: production.create_variable(PAPYRUS, "staging/a b", "A", "")),
        refusal(lambda: production.update_variable(PAPYRUS, "production", "A", "")),
        refusal(lambda: production.delete_value("variables", PAPYRUS, "production", "A")),
        refusal(lambda: production.put_secret(PAPYRUS, "staging", "A", "")),
        refusal(lambda: production.variables(PAPYRUS, "staging")),
        refusal(lambda: production.delete_environment(PAPYRUS, "staging")),
        refusal(lambda: production.policy(PAPYRUS, "production", 9)),
        refusal(lambda: production.user("nobody")),
        refusal(lambda: production.team("Nickelth", "nobody")),
        refusal(lambda: production.team("Somebody", "platform")),
    ] == [
        f"GET {other}: {not_found}",
        f"GET https://api.github.com/repos/Somebody/Papyrus: {not_found}",
        f"PUT {other}/environments/production: {not_found}",
        f"POST {other}/actions/variables: {not_found}",
        f"POST {API}/environments/staging%2Fa%20b/variables: {not_found}",
        f"PATCH {PRODUCTION}/variables/A: {not_found}",
        f"DELETE {PRODUCTION}/variables/A: {not_found}",
        f"PUT https://api.github.com/repositories/42/environments/staging/secrets/A: {not_found}",
        f"GET {API}/environments/staging: {not_found}",
        f"DELETE {API}/environments/staging: {not_found}",
        f"GET {PRODUCTION}/deployment-branch-policies/9: {not_found}",
        f"GET https://api.github.com/users/nobody: {not_found}",
        f"GET https://api.github.com/orgs/Nickelth/teams/nobody: {not_found}",
        f"GET https://api.github.com/orgs/Somebody/teams/platform: {not_found}",
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("GITHUB_TOKEN", "must not start with GITHUB_."),
        ("github_token", "must not start with GITHUB_."),
        ("1ST", "must not start with a number."),
        (
            "A-B",
            "can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). "
            "Spaces are not allowed.",
        ),
        (
            "GRÖSSE",
            "can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). "
            "Spaces are not allowed.",
        ),
    ],
)
def test_names_of_values_are_github_s(production: GitHub, name: str, why: str) -> None:
    """Variables and secrets have the same names, in an environment and outside."""
    create = refusal(lambda: production.create_variable(PAPYRUS, "production", name, ""))
    put = refusal(lambda: production.put_secret(PAPYRUS, None, name, ""))

    assert create == f"POST {PRODUCTION}/variables: 422 Variable names {why} []"
    assert put == f"PUT {API}/actions/secrets/{name}: 422 Secret names {why} []"
    assert production.variables(PAPYRUS, "production") == production.secrets(PAPYRUS) == {}


def test_a_variable_that_exists_is_not_created_again(production: GitHub) -> None:
    """Not under its name in another case either; a secret is replaced."""
    production.create_variable(PAPYRUS, "production", "REGION", "first")
    production.put_secret(PAPYRUS, "production", "TOKEN", "first")

    again = refusal(lambda: production.create_variable(PAPYRUS, "production", "region", "second"))
    assert again == f"POST {PRODUCTION}/variables: 409 Already exists - Variable already exists []"
    production.put_secret(PAPYRUS, "production", "TOKEN", "second")
    assert production.variables(PAPYRUS, "production") == {"REGION": "first"}
    assert production.secrets(PAPYRUS, "production") == {"TOKEN": "second"}


@pytest.mark.slow
def test_values_are_few_and_small(production: GitHub) -> None:
    """One more than GitHub holds, or one byte more, is refused."""
    for number in range(100):
        production.create_variable(PAPYRUS, "production", f"V{number}", "x" * 48 * 1024)

    assert "422 Variables are limited to 100." in refusal(
        lambda: production.create_variable(PAPYRUS, "production", "ONE_MORE", "")
    )
    assert "422 Variable value is limited to 48 KB." in refusal(
        lambda: production.update_variable(PAPYRUS, "production", "V0", "x" * (48 * 1024 + 1))
    )
    production.update_variable(PAPYRUS, "production", "V0", "full, and yet it changes")


def test_a_change_of_a_value_moves_its_time(production: GitHub) -> None:
    """Terraform's provider sees by it alone that somebody else set a secret."""
    production.put_secret(PAPYRUS, "production", "TOKEN", "same")
    before = production.value("secrets", PAPYRUS, "production", "TOKEN")
    production.put_secret(PAPYRUS, "production", "TOKEN", "same")
    after = production.value("secrets", PAPYRUS, "production", "TOKEN")

    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    ("differing", "why"),
    [
        ({"users": [99]}, "User 99 cannot review: not found."),
        ({"teams": [99]}, "Team 99 cannot review: not found."),
        ({"teams": [10]}, "Team 10 cannot review: not found."),
        ({"users": [*range(10, 16)], "teams": [5]}, "7 reviewers are more than 6."),
        ({"wait_timer": 43_201}, "Wait timer must be from 0 to 43200 minutes."),
        ({"wait_timer": -1}, "Wait timer must be from 0 to 43200 minutes."),
        (
            {"prevent_self_review": True},
            "Required reviewers must have at least one reviewer to set prevent_self_review.",
        ),
    ],
)
def test_rules_that_github_does_not_take(
    production: GitHub, differing: dict[str, Any], why: str
) -> None:
    """They are refused, and those that were stay."""
    before = production.environment(PAPYRUS, "production")

    assert refusal(
        lambda: production.put_environment(PAPYRUS, "production", rules(**differing))
    ) == (
        f"PUT {PRODUCTION}: 422 Failed to create or update the environment protection rule. "
        f"{why} []"
    )
    assert production.environment(PAPYRUS, "production") == before


@pytest.mark.parametrize("both", [True, False])
def test_branches_are_protected_ones_or_matching_ones(github: GitHub, *, both: bool) -> None:
    """Neither both nor none: none is no policy at all."""
    policy = {"protected_branches": both, "custom_branch_policies": both}

    assert refusal(
        lambda: github.put_environment(
            PAPYRUS, "production", rules(deployment_branch_policy=policy)
        )
    ) == (
        f'PUT {PRODUCTION}: 422 "custom_branch_policies" and "protected_branches" cannot have '
        "the same value []"
    )


def test_every_rule_within_its_bounds_is_taken(github: GitHub) -> None:
    """Six reviewers, thirty days."""
    full = rules(users=[*range(10, 15)], teams=[5], wait_timer=43_200, prevent_self_review=True)
    github.put_environment(PAPYRUS, "production", full)

    assert github.environment(PAPYRUS, "production")["protection"] == full


@pytest.mark.parametrize("name", ["", " production", "production ", "a\nb", "x" * 256])
def test_environment_names_that_github_does_not_take(github: GitHub, name: str) -> None:
    """Too long, blank at an end, or not to be printed."""
    assert "422 Environment name is invalid." in refusal(
        lambda: github.put_environment(PAPYRUS, name, rules())
    )
    github.put_environment(PAPYRUS, "x" * 255, rules())


def test_policies_are_those_of_an_environment_with_custom_ones(github: GitHub) -> None:
    """In any other there is no such page."""
    page = f"{PRODUCTION}/deployment-branch-policies"
    for policy in (None, PROTECTED):
        github.put_environment(PAPYRUS, "production", rules(deployment_branch_policy=policy))
        assert (
            refusal(lambda: github.create_policy(PAPYRUS, "production", "branch", "main"))
            == f"POST {page}: 404 Not Found []"
        )


def test_a_pattern_stands_once(production: GitHub) -> None:
    """The same text may be a branch's and a tag's; each has an id of its own."""
    branch = production.create_policy(PAPYRUS, "production", "branch", "v*")
    tag = production.create_policy(PAPYRUS, "production", "tag", "v*")

    assert branch != tag
    assert "303 See Other" in refusal(
        lambda: production.create_policy(PAPYRUS, "production", "branch", "v*")
    )
    production.update_policy(PAPYRUS, "production", tag, "v*.*")
    production.delete_policy(PAPYRUS, "production", branch)
    assert production.environment(PAPYRUS, "production")["policies"] == [
        {"id": tag, "type": "tag", "name": "v*.*"}
    ]


@pytest.mark.parametrize(
    ("ref", "custom", "protected"),
    [
        ("refs/heads/main", True, True),
        ("refs/heads/release/1", True, True),
        ("refs/heads/release/1/2", False, True),
        ("refs/heads/v1.2.3", False, True),
        ("refs/tags/v1.2.3", True, False),
        ("refs/tags/v1", False, False),
        ("refs/tags/main", False, False),
        ("refs/pull/7/merge", False, False),
    ],
)
def test_who_may_deploy(production: GitHub, ref: str, *, custom: bool, protected: bool) -> None:
    """A branch by the branches' patterns, a tag by the tags', and all where there is no policy."""
    production.create_policy(PAPYRUS, "production", "branch", "main")
    production.create_policy(PAPYRUS, "production", "branch", "release/*")
    production.create_policy(PAPYRUS, "production", "tag", "v*.*.*")
    production.put_environment(PAPYRUS, "guarded", rules(deployment_branch_policy=PROTECTED))
    production.put_environment(PAPYRUS, "open", rules())

    assert production.may_deploy(PAPYRUS, "production", ref) is custom
    assert production.may_deploy(PAPYRUS, "guarded", ref) is protected
    assert production.may_deploy(PAPYRUS, "open", ref)


def test_a_pull_request_deploys_where_a_pattern_has_its_ref(production: GitHub) -> None:
    """Its ref is matched as a whole."""
    production.create_policy(PAPYRUS, "production", "branch", "refs/pull/*/merge")

    assert production.may_deploy(PAPYRUS, "production", "refs/pull/7/merge")


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("main", ["main"], ["Main", "mainly", "x/main"]),
        ("*", ["main", ""], ["release/1"]),
        ("release/*", ["release/1", "release/"], ["release/1/2", "release"]),
        ("release/*/*", ["release/1/2"], ["release/1"]),
        ("release/**", ["release/1"], ["release/1/2"]),
        ("release/**/*", ["release/1", "release/1/2/3"], ["release"]),
        ("**/hotfix", ["hotfix", "a/b/hotfix"], ["ahotfix"]),
        ("a**/b", ["ax/b"], ["a/x/b"]),
        ("v?.[0-9]", ["v1.2", "va.0"], ["v/.2", "v1.x", "v12.3"]),
        ("v[!0-9]", ["vx"], ["v1", "v/"]),
        ("v[^0-9]", ["vx"], ["v1"]),
        ("[]a]", [], ["a", "]"]),
        ("[a^]", ["a", "^"], ["b"]),
        (r"[\]a]", ["]", "a"], ["\\"]),
        ("[z-a]", [], ["z", "a", "-"]),
        (r"\*", ["*"], ["x", r"\*"]),
        ("v1.0+{a,b}", ["v1.0+{a,b}"], ["v1.0+a", "v1x0+{a,b}"]),
        ("[a", [], ["[a", "a"]),
        ("a\\", ["a\\"], ["a"]),
    ],
)
def test_patterns_are_ruby_s(pattern: str, matching: list[str], other: list[str]) -> None:
    """No wildcard covers a slash, but ``**/`` covers folders."""
    assert [name for name in [*matching, *other] if fnmatch_covers(pattern, name)] == matching


def create_twenty(path: Path, worker: int) -> None:
    """Create twenty variables of a *worker*'s own."""
    for number in range(20):
        GitHub(path).create_variable(PAPYRUS, "production", f"W{worker}_{number}", "x")


@pytest.mark.slow
def test_processes_share_it_without_loss(production: GitHub) -> None:
    """Stacks are applied at once, each with a provider of its own."""
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        for done in [pool.submit(create_twenty, production.path, worker) for worker in range(4)]:
            done.result()

    assert len(production.variables(PAPYRUS, "production")) == 80


def test_nobody_else_reads_the_secrets(production: GitHub) -> None:
    """They stand in the file in clear."""
    production.put_secret(PAPYRUS, None, "TOKEN", "hush")

    assert production.path.stat().st_mode & 0o777 == 0o600


def test_a_new_one_is_empty(production: GitHub) -> None:
    """What an interrupted rehearsal left is gone."""
    again = GitHub.create(production.path, owner="Nickelth", owner_id=1, repositories={"Other": 2})

    assert "404" in refusal(lambda: again.repository(PAPYRUS))
    assert again.repository("Nickelth/Other")["id"] == 2
