"""GitHub as a rehearsal knows it: repositories, their environments and what those hold.

It answers as GitHub's REST API does (https://docs.github.com/en/rest) and refuses what that
refuses, with its status. Everything is kept in one JSON file, which several processes may use at
once; secrets stand in it in clear, so only its owner may read it.
"""

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypedDict, TypeVar
from urllib.parse import quote

from keyless_ecs.github.patterns import fnmatch_covers

_Thing = TypeVar("_Thing")
Kind = Literal["variables", "secrets"]
Target = Literal["branch", "tag"]

MOST_BYTES = 48 * 1024
MOST_REVIEWERS = 6
MOST_MINUTES = 43_200


class RefusedError(Exception):
    """GitHub's answer to a request that it does not carry out."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        self.request = ""
        super().__init__(status, message)

    def __str__(self) -> str:
        # As GitHub's client for Go prints it, and so Terraform. The brackets hold no details.
        return f"{self.request}: {self.status} {self.message} []"


class Value(TypedDict):
    """A variable or a secret. That of a sealed secret is null: only GitHub can open it."""

    value: str | None
    created_at: str
    updated_at: str


class DeploymentPolicy(TypedDict):
    """A name pattern of the branches or tags that may deploy."""

    id: int
    type: Target
    name: str


class BranchPolicy(TypedDict):
    """Which branches may deploy: exactly one of the two."""

    protected_branches: bool
    custom_branch_policies: bool


class Protection(TypedDict):
    """The rules of an environment: users and teams by id, the wait in minutes."""

    wait_timer: int
    users: list[int]
    teams: list[int]
    prevent_self_review: bool
    can_admins_bypass: bool
    deployment_branch_policy: BranchPolicy | None


class Environment(TypedDict):
    """An environment, under the name as it was first written."""

    name: str
    protection: Protection
    policies: list[DeploymentPolicy]
    variables: dict[str, Value]
    secrets: dict[str, Value]


class Actor(TypedDict):
    """Who passes by a ruleset: a team by its id, or a role by GitHub's number of it."""

    actor_type: str
    actor_id: int
    bypass_mode: str


class Ruleset(TypedDict):
    """What only those of *bypass_actors* may do to refs: patterns of full refs, names of rules."""

    name: str
    target: Target
    enforcement: str
    include: list[str]
    exclude: list[str]
    rules: list[str]
    bypass_actors: list[Actor]


class Repository(TypedDict):
    """A repository; its environments stand under their names in lower case, rulesets by id."""

    id: int
    full_name: str
    environments: dict[str, Environment]
    variables: dict[str, Value]
    secrets: dict[str, Value]
    subject_template: list[str] | None
    rulesets: dict[str, Ruleset]


class Account(TypedDict):
    """A user, an organization or a team."""

    id: int
    name: str


class World(TypedDict):
    """All there is. Names in lower case are the keys, because GitHub takes them in any case."""

    owner: str
    accounts: dict[str, Account]
    teams: dict[str, Account]
    repositories: dict[str, Repository]
    last_id: int


class GitHub:
    """GitHub, in a file. Repositories go by their full name, ``owner/name``.

    Args:
        path: The file; `create` writes it.
        address: Of the API, as it stands in what is refused.

    Raises:
        RefusedError: By every method, where GitHub refuses.
    """

    def __init__(self, path: Path, address: str = "https://api.github.com/") -> None:
        self.path = path
        self.address = address

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        owner: str,
        owner_id: int,
        repositories: Mapping[str, int],
        users: Mapping[str, int] | None = None,
        teams: Mapping[str, int] | None = None,
    ) -> "GitHub":
        """Make a GitHub with one owner, in place of any that *path* held before.

        Args:
            path: The file.
            owner: Login of the user or organization.
            owner_id: Its id.
            repositories: Names, without the owner, and ids.
            users: Logins and ids of everybody else.
            teams: Slugs and ids of the owner's teams.
        """
        github = cls(path)
        accounts = {owner: owner_id, **(users or {})}
        world = World(
            owner=owner,
            accounts=_accounts(accounts),
            teams=_accounts(teams or {}),
            repositories={
                name.lower(): Repository(
                    id=id_,
                    full_name=f"{owner}/{name}",
                    environments={},
                    variables={},
                    secrets={},
                    subject_template=None,
                    rulesets={},
                )
                for name, id_ in repositories.items()
            },
            last_id=0,
        )
        with github._locked():
            github._write(world)
        return github

    # What a job, or whoever looks at a page of settings, sees.

    def variables(self, repository: str, environment: str | None = None) -> dict[str, str]:
        """Return what a job reads as ``vars``: its environment's over its repository's."""
        return {
            name: value or "" for name, value in self._seen("variables", repository, environment)
        }

    def secrets(self, repository: str, environment: str | None = None) -> dict[str, str | None]:
        """Return what a job reads as ``secrets``; None is one that nobody but GitHub can open."""
        return dict(self._seen("secrets", repository, environment))

    def may_deploy(self, repository: str, environment: str, ref: str) -> bool:
        """Tell whether a job for *ref* (``refs/heads/main``) may deploy to *environment*.

        Where only protected branches may, every branch may: no branch here has a protection rule,
        and without any that is what GitHub does
        (https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments).
        """
        found = self.environment(repository, environment)
        policy = found["protection"]["deployment_branch_policy"]
        if policy is None:
            return True
        tag = ref.startswith("refs/tags/")
        if policy["protected_branches"]:
            return ref.startswith("refs/heads/")
        # A pull request's ref, refs/pull/1/merge, is matched in full, and with branches' patterns.
        name = ref.removeprefix("refs/tags/" if tag else "refs/heads/")
        return any(
            fnmatch_covers(each["name"], name)
            for each in found["policies"]
            if each["type"] == ("tag" if tag else "branch")
        )

    def may_make(self, repository: str, ref: str, *, team: int | None = None) -> bool:
        """Tell whether who can write to *repository* may make *ref*, in a *team* by its id.

        Every ruleset that covers the ref has its say, since they add up.
        https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets
        """
        kind = "tag" if ref.startswith("refs/tags/") else "branch"
        return all(
            team
            in [each["actor_id"] for each in one["bypass_actors"] if each["actor_type"] == "Team"]
            for one in self.repository(repository)["rulesets"].values()
            if (one["target"], one["enforcement"]) == (kind, "active")
            and "creation" in one["rules"]
            if any(fnmatch_covers(pattern, ref) for pattern in one["include"])
            and not any(fnmatch_covers(pattern, ref) for pattern in one["exclude"])
        )

    # The API.

    def repository(self, full_name: str) -> Repository:
        """Return a repository."""
        with self._request("GET", f"repos/{full_name}") as world:
            return _repository(world, full_name)

    def subject_template(self, full_name: str) -> list[str] | None:
        """Return the claims that an administrator chose for its subject, None for the default.

        https://docs.github.com/en/rest/actions/oidc
        """
        path = f"repos/{full_name}/actions/oidc/customization/sub"
        with self._request("GET", path) as world:
            return _repository(world, full_name)["subject_template"]

    def put_subject_template(self, full_name: str, claims: list[str] | None) -> None:
        """Choose the claims of its subject."""
        path = f"repos/{full_name}/actions/oidc/customization/sub"
        with self._request("PUT", path) as world:
            _repository(world, full_name)["subject_template"] = claims

    def user(self, login: str) -> Account:
        """Return a user or an organization."""
        with self._request("GET", f"users/{login}") as world:
            return _found(world["accounts"], login.lower())

    def team(self, owner: str, slug: str) -> Account:
        """Return a team of *owner*."""
        with self._request("GET", f"orgs/{owner}/teams/{slug}") as world:
            if owner.lower() != world["owner"].lower():
                raise RefusedError(404, "Not Found")
            return _found(world["teams"], slug.lower())

    def repositories_of(self, owner: str, slug: str) -> list[str]:
        """Return the names of the repositories that a team may read: here all of its owner's."""
        with self._request("GET", f"orgs/{owner}/teams/{slug}/repos") as world:
            return [each["full_name"].split("/")[1] for each in world["repositories"].values()]

    def environment(self, repository: str, name: str) -> Environment:
        """Return an environment."""
        with self._request("GET", _environment_path(repository, name)) as world:
            return _environment(world, repository, name)

    def put_environment(self, repository: str, name: str, protection: Protection) -> None:
        """Create an environment, or replace the rules of that which exists."""
        with self._request("PUT", _environment_path(repository, name)) as world:
            environments = _repository(world, repository)["environments"]
            _check_environment(name)
            _check_protection(world, protection)
            made = environments.setdefault(
                name.lower(),
                Environment(
                    name=name, protection=protection, policies=[], variables={}, secrets={}
                ),
            )
            made["protection"] = protection

    def delete_environment(self, repository: str, name: str) -> None:
        """Delete an environment and all that it holds."""
        with self._request("DELETE", _environment_path(repository, name)) as world:
            _environment(world, repository, name)
            del _repository(world, repository)["environments"][name.lower()]

    def create_policy(self, repository: str, environment: str, type_: Target, name: str) -> int:
        """Let the branches or tags deploy that *name*, a pattern, covers. Returns the rule's id."""
        with self._request("POST", _policies_path(repository, environment)) as world:
            policies = _policies(world, repository, environment)
            if any((each["type"], each["name"]) == (type_, name) for each in policies):
                raise RefusedError(303, "See Other")
            world["last_id"] += 1
            policies.append(DeploymentPolicy(id=world["last_id"], type=type_, name=name))
            return world["last_id"]

    def policy(self, repository: str, environment: str, id_: int) -> DeploymentPolicy:
        """Return a deployment policy."""
        with self._request("GET", _policies_path(repository, environment, id_)) as world:
            return _policy(_policies(world, repository, environment), id_)

    def update_policy(self, repository: str, environment: str, id_: int, name: str) -> None:
        """Give a deployment policy another pattern; what it targets stays."""
        with self._request("PUT", _policies_path(repository, environment, id_)) as world:
            _policy(_policies(world, repository, environment), id_)["name"] = name

    def delete_policy(self, repository: str, environment: str, id_: int) -> None:
        """Delete a deployment policy."""
        with self._request("DELETE", _policies_path(repository, environment, id_)) as world:
            policies = _policies(world, repository, environment)
            policies.remove(_policy(policies, id_))

    def create_ruleset(self, repository: str, ruleset: Ruleset) -> int:
        """Create a ruleset, and return its id.

        https://docs.github.com/en/rest/repos/rules
        """
        with self._request("POST", f"repos/{repository}/rulesets") as world:
            rulesets = _repository(world, repository)["rulesets"]
            _check_ruleset(world, ruleset, rulesets.values())
            world["last_id"] += 1
            rulesets[str(world["last_id"])] = ruleset
            return world["last_id"]

    def ruleset(self, repository: str, id_: int) -> Ruleset:
        """Return a ruleset."""
        with self._request("GET", f"repos/{repository}/rulesets/{id_}") as world:
            return _found(_repository(world, repository)["rulesets"], str(id_))

    def update_ruleset(self, repository: str, id_: int, ruleset: Ruleset) -> None:
        """Replace a ruleset."""
        with self._request("PUT", f"repos/{repository}/rulesets/{id_}") as world:
            rulesets = _repository(world, repository)["rulesets"]
            replaced = _found(rulesets, str(id_))
            others = [each for each in rulesets.values() if each is not replaced]
            _check_ruleset(world, ruleset, others)
            rulesets[str(id_)] = ruleset

    def delete_ruleset(self, repository: str, id_: int) -> None:
        """Delete a ruleset."""
        with self._request("DELETE", f"repos/{repository}/rulesets/{id_}") as world:
            rulesets = _repository(world, repository)["rulesets"]
            _found(rulesets, str(id_))
            del rulesets[str(id_)]

    def value(self, kind: Kind, repository: str, environment: str | None, name: str) -> Value:
        """Return a variable or secret of the repository, or of its environment."""
        path = self._values_path(kind, repository, environment, name)
        with self._request("GET", path) as world:
            return _found(_values(world, kind, repository, environment), name.upper())

    def create_variable(
        self, repository: str, environment: str | None, name: str, value: str
    ) -> None:
        """Create a variable."""
        path = self._values_path("variables", repository, environment)
        with self._request("POST", path) as world:
            values = _values(world, "variables", repository, environment)
            if name.upper() in values:
                raise RefusedError(409, "Already exists - Variable already exists")
            _put(values, "variables", environment, name, value)

    def update_variable(
        self, repository: str, environment: str | None, name: str, value: str
    ) -> None:
        """Change a variable's value."""
        path = self._values_path("variables", repository, environment, name)
        with self._request("PATCH", path) as world:
            values = _values(world, "variables", repository, environment)
            _found(values, name.upper())
            _put(values, "variables", environment, name, value)

    def put_secret(
        self, repository: str, environment: str | None, name: str, value: str | None
    ) -> None:
        """Create or replace a secret. A *value* of None is one sealed for the real GitHub."""
        path = self._values_path("secrets", repository, environment, name)
        with self._request("PUT", path) as world:
            values = _values(world, "secrets", repository, environment)
            _put(values, "secrets", environment, name, value)

    def delete_value(self, kind: Kind, repository: str, environment: str | None, name: str) -> None:
        """Delete a variable or secret."""
        path = self._values_path(kind, repository, environment, name)
        with self._request("DELETE", path) as world:
            values = _values(world, kind, repository, environment)
            _found(values, name.upper())
            del values[name.upper()]

    def _seen(
        self, kind: Kind, repository: str, environment: str | None
    ) -> list[tuple[str, str | None]]:
        found = {**self.repository(repository)[kind]}
        if environment is not None:
            found |= self.environment(repository, environment)[kind]
        return [(name, value["value"]) for name, value in sorted(found.items())]

    def _values_path(
        self, kind: Kind, repository: str, environment: str | None, name: str = ""
    ) -> str:
        if environment is None:
            where = f"repos/{repository}/actions"
        elif kind == "variables":
            where = _environment_path(repository, environment)
        else:
            id_ = self.repository(repository)["id"]
            where = f"repositories/{id_}/environments/{quote(environment, safe='')}"
        return f"{where}/{kind}/{name}".rstrip("/")

    @contextmanager
    def _request(self, method: str, path: str) -> Iterator[World]:
        """Hand out the world for one request, and keep what it does to it unless it is refused."""
        try:
            if method == "GET":
                yield self._read()
                return
            with self._locked():
                world = self._read()
                yield world
                self._write(world)
        except RefusedError as refused:
            refused.request = f"{method} {self.address}{path}"
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Wait until nobody else changes the world, in this process or in another."""
        with self.path.with_name(f"{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> World:
        world: World = json.loads(self.path.read_text())
        return world

    def _write(self, world: World) -> None:
        # Replaced as a whole, so that who reads needs no lock.
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f"{self.path.name}.")
        with os.fdopen(descriptor, "w") as file:
            json.dump(world, file, indent=2)
        Path(name).replace(self.path)


def _accounts(ids: Mapping[str, int]) -> dict[str, Account]:
    return {name.lower(): Account(id=id_, name=name) for name, id_ in ids.items()}


def _found(things: Mapping[str, _Thing], key: str) -> _Thing:
    if key not in things:
        raise RefusedError(404, "Not Found")
    return things[key]


def _repository(world: World, full_name: str) -> Repository:
    owner, _, name = full_name.lower().partition("/")
    if owner != world["owner"].lower():
        raise RefusedError(404, "Not Found")
    return _found(world["repositories"], name)


def _environment(world: World, repository: str, name: str) -> Environment:
    return _found(_repository(world, repository)["environments"], name.lower())


def _environment_path(repository: str, name: str) -> str:
    return f"repos/{repository}/environments/{quote(name, safe='')}"


def _policies(world: World, repository: str, environment: str) -> list[DeploymentPolicy]:
    found = _environment(world, repository, environment)
    policy = found["protection"]["deployment_branch_policy"]
    # To GitHub, an environment without custom policies has no such page.
    if policy is None or not policy["custom_branch_policies"]:
        raise RefusedError(404, "Not Found")
    return found["policies"]


def _policies_path(repository: str, environment: str, id_: int | None = None) -> str:
    path = f"{_environment_path(repository, environment)}/deployment-branch-policies"
    return path if id_ is None else f"{path}/{id_}"


def _policy(policies: Sequence[DeploymentPolicy], id_: int) -> DeploymentPolicy:
    return _found({str(each["id"]): each for each in policies}, str(id_))


def _values(world: World, kind: Kind, repository: str, environment: str | None) -> dict[str, Value]:
    if environment is None:
        return _repository(world, repository)[kind]
    return _environment(world, repository, environment)[kind]


def _put(
    values: dict[str, Value], kind: Kind, environment: str | None, name: str, value: str | None
) -> None:
    """Set a variable or secret, under its name in upper case as GitHub shows it.

    https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-variables
    """
    kinds = kind.capitalize()
    said = f"{kinds.removesuffix('s')} names"
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise RefusedError(
            422,
            f"{said} can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or "
            "underscores (_). Spaces are not allowed.",
        )
    if name[0].isdigit():
        raise RefusedError(422, f"{said} must not start with a number.")
    if name.upper().startswith("GITHUB_"):
        raise RefusedError(422, f"{said} must not start with GITHUB_.")
    if len((value or "").encode()) > MOST_BYTES:
        raise RefusedError(422, f"{kinds.removesuffix('s')} value is limited to 48 KB.")
    # https://docs.github.com/en/actions/reference/workflows-and-actions/variables#limits-for-configuration-variables
    most = 500 if kind == "variables" and environment is None else 100
    if name.upper() not in values and len(values) >= most:
        raise RefusedError(422, f"{kinds} are limited to {most}.")
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} +0000 UTC"  # as Go prints a time
    created = values[name.upper()]["created_at"] if name.upper() in values else now
    values[name.upper()] = Value(value=value, created_at=created, updated_at=now)


def _check_environment(name: str) -> None:
    if not 1 <= len(name) <= 255 or name != name.strip() or not name.isprintable():
        raise RefusedError(422, "Environment name is invalid.")


def _check_ruleset(world: World, ruleset: Ruleset, others: Iterable[Ruleset]) -> None:
    """Refuse what GitHub does not take: a name twice, a team that is not of the owner."""
    if ruleset["name"] in [each["name"] for each in others]:
        raise RefusedError(422, "Validation Failed: Name must be unique")
    known = {each["id"] for each in world["teams"].values()}
    for actor in ruleset["bypass_actors"]:
        if actor["actor_type"] == "Team" and actor["actor_id"] not in known:
            raise RefusedError(
                422,
                f"Validation Failed: Actor {actor['actor_id']} must be part of the ruleset source "
                "or owner organization",
            )


def _check_protection(world: World, protection: Protection) -> None:
    """Refuse rules that GitHub does not take.

    https://docs.github.com/en/rest/deployments/environments#create-or-update-an-environment
    """
    policy = protection["deployment_branch_policy"]
    if policy and policy["protected_branches"] == policy["custom_branch_policies"]:
        raise RefusedError(
            422,
            '"custom_branch_policies" and "protected_branches" cannot have the same value',
        )
    failed = "Failed to create or update the environment protection rule."
    if not 0 <= protection["wait_timer"] <= MOST_MINUTES:
        raise RefusedError(422, f"{failed} Wait timer must be from 0 to {MOST_MINUTES} minutes.")
    for type_, ids, known in (
        ("User", protection["users"], world["accounts"]),
        ("Team", protection["teams"], world["teams"]),
    ):
        for id_ in ids:
            if id_ not in {each["id"] for each in known.values()}:
                raise RefusedError(422, f"{failed} {type_} {id_} cannot review: not found.")
    reviewers = len(protection["users"]) + len(protection["teams"])
    if reviewers > MOST_REVIEWERS:
        raise RefusedError(422, f"{failed} {reviewers} reviewers are more than {MOST_REVIEWERS}.")
    if protection["prevent_self_review"] and not reviewers:
        raise RefusedError(
            422,
            f"{failed} Required reviewers must have at least one reviewer to set "
            "prevent_self_review.",
        )
