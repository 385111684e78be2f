"""Terraform's GitHub provider, as far as generated stacks use it, against the stand-in.

Each resource does what the provider's own source does in the releases around 6.9.0
(https://github.com/integrations/terraform-provider-github), its faults included: what a rehearsal
shows is what a user of that release meets.
"""

import base64
import binascii
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeGuard
from urllib.parse import quote, unquote

import grpc
from tf import iface
from tf.gen import tfplugin_pb2 as wire
from tf.provider import ProviderServicer
from tf.schema import Schema
from tf.types import Unknown
from tf.utils import Diagnostics

from keyless_ecs.rehearsal.github import schema
from keyless_ecs.rehearsal.github.store import (
    MOST_MINUTES,
    Actor,
    BranchPolicy,
    GitHub,
    Kind,
    Protection,
    RefusedError,
    Ruleset,
)

State = dict[str, Any]


class Servicer(ProviderServicer):
    """The protocol, with the licence that the real provider has.

    Terraform lets providers made with its first plugin kit plan a default where the configuration
    says nothing, and find other values than they planned; but find something they must.
    """

    def PlanResourceChange(  # noqa: N802
        self, request: wire.PlanResourceChange.Request, context: grpc.ServicerContext
    ) -> wire.PlanResourceChange.Response:
        """Plan a change."""
        response: wire.PlanResourceChange.Response = super().PlanResourceChange(request, context)
        response.legacy_type_system = True
        return response

    def ApplyResourceChange(  # noqa: N802
        self, request: wire.ApplyResourceChange.Request, context: grpc.ServicerContext
    ) -> wire.ApplyResourceChange.Response:
        """Make a change."""
        response: wire.ApplyResourceChange.Response = super().ApplyResourceChange(request, context)
        response.legacy_type_system = bool(response.new_state.msgpack)
        return response


class GitHubProvider(iface.Provider):
    """The provider: one owner's GitHub, in the file *path*."""

    def __init__(self, path: Path) -> None:
        self.owner = ""
        self.github = GitHub(path)

    def get_model_prefix(self) -> str:
        """Return what every type's name begins with."""
        return "github_"

    def full_name(self) -> str:
        """Return the provider's source."""
        return "integrations/github"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:  # noqa: ARG002
        """Return the schema of the provider's own block."""
        return schema.PROVIDER

    def validate_config(self, diags: Diagnostics, config: State) -> None:
        """Find nothing wrong: the schema has said all."""

    def configure_provider(self, diags: Diagnostics, config: State) -> None:  # noqa: ARG002
        """Note whose GitHub it is, and its address."""
        self.owner = config["owner"] or config["organization"] or ""
        self.github = GitHub(self.github.path, _address(config["base_url"]))

    def get_data_sources(self) -> list[type[iface.DataSource]]:
        """Return the data sources."""
        return [RepositoryData, SubjectTemplateData, TeamData, UserData]

    def get_resources(self) -> list[type[iface.Resource]]:
        """Return the resources."""
        return [
            DeploymentPolicy,
            EnvironmentSecret,  # type: ignore[type-abstract]  # what has no import_ imports nothing
            EnvironmentVariable,
            RepositoryEnvironment,
            RepositoryRuleset,
            RepositorySecret,
            RepositoryVariable,
        ]

    def full(self, repository: str) -> str:
        """Return a repository's name with its owner."""
        return f"{self.owner}/{repository}"


def _address(base_url: str | None) -> str:
    """Return the address of the API; only that of an Enterprise Server has a path."""
    address = (base_url or "https://api.github.com").rstrip("/")
    if re.fullmatch(r"https://api\.(github\.com|[^/]+\.ghe\.com)|.*/api/v3", address):
        return f"{address}/"
    return f"{address}/api/v3/"


class _MisusedError(Exception):
    """The provider itself refuses, before it asks GitHub."""


@contextmanager
def _reported(diags: Diagnostics) -> Iterator[None]:
    """Give Terraform what is refused, as an error."""
    try:
        yield
    except (RefusedError, _MisusedError) as refused:
        diags.add_error(str(refused))


class _Resource(iface.Resource):
    """A resource: what its schema has, and one request to GitHub for each thing done to it."""

    SCHEMA: ClassVar[Schema]
    NAME: ClassVar[str]
    DEFAULTS: ClassVar[Mapping[str, object]] = {}

    def __init__(self, provider: GitHubProvider) -> None:
        self.github = provider.github
        self.full = provider.full

    @classmethod
    def get_name(cls) -> str:
        """Return the type's name."""
        return cls.NAME

    @classmethod
    def get_schema(cls) -> Schema:
        """Return the schema."""
        return cls.SCHEMA

    @abstractmethod
    def _create(self, planned: State) -> str:
        """Create it and return its id."""

    @abstractmethod
    def _read(self, state: State) -> State | None:
        """Return what of *state* is different by now; raise or return None where it is gone."""

    @abstractmethod
    def _delete(self, state: State) -> None:
        """Delete it."""

    def _update(self, state: State) -> str:
        """Make it as *state* says and return its id; GitHub's PUT creates and updates."""
        return self._create(state)

    def plan(
        self,
        ctx: iface.PlanContext,  # noqa: ARG002
        current: State | None,
        planned: State,
    ) -> State:
        """Fill in defaults, and change nothing for a way to write nothing."""
        for name, default in self.DEFAULTS.items():
            if planned[name] is None:
                planned[name] = default
        return _settled(planned, current or {})

    def create(self, ctx: iface.CreateContext, planned: State) -> State | None:
        """Create it."""
        with _reported(ctx.diagnostics):
            for name, value in planned.items():
                if value is None or value is Unknown:
                    planned[name] = self.DEFAULTS.get(name)
            planned["id"] = self._create(planned)
            with _reported(ctx.diagnostics):
                return self._now(planned)
            return planned  # made, but not read: Terraform keeps it, as tainted
        return None

    def read(self, ctx: iface.ReadContext, current: State) -> State | None:
        """Read it; what is gone leaves Terraform's state."""
        with _reported(ctx.diagnostics):
            return self._now(current)
        return current

    def update(self, ctx: iface.UpdateContext, current: State, planned: State) -> State | None:
        """Change it in place."""
        with _reported(ctx.diagnostics):
            return self._now({**planned, "id": self._update(planned)})
        return current

    def delete(self, ctx: iface.DeleteContext, current: State) -> State | None:
        """Delete it."""
        with _reported(ctx.diagnostics):
            self._delete(current)
            return None
        return current

    def _now(self, state: State) -> State | None:
        try:
            found = self._read(state)
        except RefusedError as refused:
            if refused.status == 404:
                return None
            raise
        return None if found is None else {**state, **found}

    def _imported(self, id_: str) -> State:
        nothing: State = {attribute.name: None for attribute in self.SCHEMA.attributes}
        blocks: State = {block.type_name: [] for block in self.SCHEMA.block_types}
        return {**nothing, **blocks, "id": id_}


def _settled(planned: State, current: State) -> State:
    """Return *planned*, but as it is by now where both are empty: null, "", 0 and none are one."""
    settled = dict(planned)
    for name, value in planned.items():
        now = current.get(name)
        if not value and not now:
            settled[name] = now
        elif _are_blocks(value) and _are_blocks(now) and len(value) == len(now):
            settled[name] = [_settled(*pair) for pair in zip(value, now, strict=True)]
    return settled


def _are_blocks(value: object) -> TypeGuard[list[State]]:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


class RepositoryEnvironment(_Resource):
    """An environment and its protection."""

    NAME = "repository_environment"
    SCHEMA = schema.ENVIRONMENT
    DEFAULTS: ClassVar[Mapping[str, object]] = {
        "can_admins_bypass": True,
        "prevent_self_review": False,
    }

    def validate(self, diags: Diagnostics, type_name: str, config: State) -> None:
        """Check what the provider checks before it asks GitHub."""
        super().validate(diags, type_name, config)
        wait = config["wait_timer"]
        if isinstance(wait, int) and not 0 <= wait <= MOST_MINUTES:
            diags.add_error(
                f"expected wait_timer to be in the range (0 - {MOST_MINUTES}), got {wait}",
                path=["wait_timer"],
            )

    def _create(self, planned: State) -> str:
        repository, environment = planned["repository"], planned["environment"]
        reviewers = _first(planned["reviewers"])
        policy = _first(planned["deployment_branch_policy"])
        self.github.put_environment(
            self.full(repository),
            environment,
            Protection(
                wait_timer=planned["wait_timer"] or 0,
                users=sorted(reviewers.get("users") or []),
                teams=sorted(reviewers.get("teams") or []),
                prevent_self_review=planned["prevent_self_review"],
                can_admins_bypass=planned["can_admins_bypass"],
                deployment_branch_policy=BranchPolicy(**policy) if policy else None,  # type: ignore[typeddict-item]
            ),
        )
        return f"{repository}:{environment}"

    def _read(self, state: State) -> State:
        parts = _parts(state["id"], "repository", "environment")
        protection = self.github.environment(self.full(parts["repository"]), parts["environment"])[
            "protection"
        ]
        policy, users, teams = (
            protection["deployment_branch_policy"],
            protection["users"],
            protection["teams"],
        )
        found: State = {
            **parts,
            "wait_timer": protection["wait_timer"] or None,
            "can_admins_bypass": protection["can_admins_bypass"],
            "deployment_branch_policy": [policy] if policy else [],
        }
        # Of an environment without reviewers the provider does not look at these two, so that it
        # never sees reviewers who were removed by hand.
        if users or teams:
            found["reviewers"] = [{"users": users or None, "teams": teams or None}]
            found["prevent_self_review"] = protection["prevent_self_review"]
        return found

    def _delete(self, state: State) -> None:
        parts = _parts(state["id"], "repository", "environment")
        self.github.delete_environment(self.full(parts["repository"]), parts["environment"])

    def import_(self, ctx: iface.ImportContext, id: str) -> State:  # noqa: A002, ARG002
        """Take over ``repository:environment``."""
        return self._imported(id)


class DeploymentPolicy(_Resource):
    """A pattern of the branches or tags that may deploy to an environment."""

    NAME = "repository_environment_deployment_policy"
    SCHEMA = schema.DEPLOYMENT_POLICY

    def validate(self, diags: Diagnostics, type_name: str, config: State) -> None:
        """Check what the provider checks before it asks GitHub."""
        super().validate(diags, type_name, config)
        _check_conflict(diags, config, "branch_pattern", "tag_pattern")

    def plan(self, ctx: iface.PlanContext, current: State | None, planned: State) -> State:
        """Plan a change of the pattern, the one change that GitHub can make."""
        settled = super().plan(ctx, current, planned)
        before = current or {}
        if bool(before.get("branch_pattern")) != bool(settled["branch_pattern"]):
            # The real provider replaces it here; the framework knows no such case.
            ctx.diagnostics.add_error(
                "A rehearsal cannot turn a branch's deployment policy into a tag's",
                "Give it another address: what was made under the old one is then deleted.",
            )
        return settled

    def _create(self, planned: State) -> str:
        repository, environment = planned["repository"], planned["environment"]
        branch, tag = planned["branch_pattern"], planned["tag_pattern"]
        if not branch and not tag:
            raise _MisusedError(
                'exactly one of "branch_pattern" and "tag_pattern" must be specified'
            )
        id_ = self.github.create_policy(
            self.full(repository), environment, "branch" if branch else "tag", branch or tag
        )
        return f"{repository}:{_escaped(environment)}:{id_}"

    def _read(self, state: State) -> State:
        where = self._where(state)
        policy = self.github.policy(*where)
        # The repository and the environment are not set, so that an imported policy is replaced
        # (https://github.com/integrations/terraform-provider-github/issues/3076).
        return {f"{policy['type']}_pattern": policy["name"]}

    def _update(self, state: State) -> str:
        where = self._where(state)
        self.github.update_policy(*where, state["branch_pattern"] or state["tag_pattern"])
        return str(state["id"])

    def _delete(self, state: State) -> None:
        self.github.delete_policy(*self._where(state))

    def _where(self, state: State) -> tuple[str, str, int]:
        parts = _parts(state["id"], "repository", "environment", "branchPolicyId")
        if not parts["branchPolicyId"].isdecimal():
            raise _MisusedError(
                f'strconv.ParseInt: parsing "{parts["branchPolicyId"]}": invalid syntax'
            )
        full = self.full(parts["repository"])
        return full, unquote(parts["environment"]), int(parts["branchPolicyId"])

    def import_(self, ctx: iface.ImportContext, id: str) -> State:  # noqa: A002, ARG002
        """Take over ``repository:environment:id``."""
        return self._imported(id)


class RepositoryRuleset(_Resource):
    """Who may make, move, delete and rewrite refs."""

    NAME = "repository_ruleset"
    SCHEMA = schema.RULESET

    def _create(self, planned: State) -> str:
        return str(self.github.create_ruleset(self.full(planned["repository"]), _ruleset(planned)))

    def _read(self, state: State) -> State:
        id_ = int(state["id"])
        found = self.github.ruleset(self.full(state["repository"]), id_)
        names = {"include": found["include"], "exclude": found["exclude"]}
        return {
            "name": found["name"],
            "target": found["target"],
            "enforcement": found["enforcement"],
            "bypass_actors": found["bypass_actors"],
            "conditions": [{"ref_name": [names]}],
            "rules": [{name: name in found["rules"] for name in schema.RULES}],
            "ruleset_id": id_,
        }

    def _update(self, state: State) -> str:
        # By the id alone: of another repository it is none.
        id_ = int(state["id"])
        self.github.update_ruleset(self.full(state["repository"]), id_, _ruleset(state))
        return str(id_)

    def _delete(self, state: State) -> None:
        self.github.delete_ruleset(self.full(state["repository"]), int(state["id"]))

    def import_(self, ctx: iface.ImportContext, id: str) -> State:  # noqa: A002, ARG002
        """Take over ``repository:id``."""
        parts = _parts(id, "repository", "ruleset")
        return {**self._imported(parts["ruleset"]), "repository": parts["repository"]}


def _ruleset(planned: State) -> Ruleset:
    names = _first(_first(planned["conditions"]).get("ref_name") or [])
    rules = _first(planned["rules"])
    return Ruleset(
        name=planned["name"],
        target=planned["target"],
        enforcement=planned["enforcement"],
        include=names.get("include") or [],
        exclude=names.get("exclude") or [],
        rules=[name for name in schema.RULES if rules.get(name)],
        bypass_actors=[
            Actor(
                actor_type=actor["actor_type"],
                actor_id=int(actor["actor_id"]),
                bypass_mode=actor["bypass_mode"],
            )
            for actor in planned["bypass_actors"]
        ],
    )


class _Value(_Resource):
    """A variable or a secret, of a repository or of its environment."""

    KIND: ClassVar[Kind]
    PARTS: ClassVar[tuple[str, ...]]
    """The attributes that make its id; the last is its name."""

    def validate(self, diags: Diagnostics, type_name: str, config: State) -> None:
        """Check what the provider checks before it asks GitHub."""
        super().validate(diags, type_name, config)
        attribute = self.PARTS[-1]
        name = config[attribute]
        if not isinstance(name, str):
            return  # not known yet
        # It speaks of secrets whichever it is.
        if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name):
            diags.add_error(
                "secret names can only contain alphanumeric characters or underscores and must "
                "not start with a number",
                path=[attribute],
            )
        if name.upper().startswith("GITHUB_"):
            diags.add_error("secret names must not start with the GITHUB_ prefix", path=[attribute])

    def _delete(self, state: State) -> None:
        self.github.delete_value(self.KIND, *self._where(_parts(state["id"], *self.PARTS)))

    def _where(self, state: State) -> tuple[str, str | None, str]:
        return self.full(state["repository"]), state.get("environment"), state[self.PARTS[-1]]

    def _id(self, state: State) -> str:
        return ":".join(state[part] for part in self.PARTS)


class _Variable(_Value):
    KIND = "variables"

    def _create(self, planned: State) -> str:
        self.github.create_variable(*self._where(planned), planned["value"])
        return self._id(planned)

    def _read(self, state: State) -> State:
        parts = _parts(state["id"], *self.PARTS)
        return {**parts, **self.github.value(self.KIND, *self._where(parts))}

    def _update(self, state: State) -> str:
        self.github.update_variable(*self._where(state), state["value"])
        return self._id(state)

    def import_(self, ctx: iface.ImportContext, id: str) -> State:  # noqa: A002, ARG002
        """Take over ``repository:NAME`` or ``repository:environment:NAME``."""
        return self._imported(id)


class RepositoryVariable(_Variable):
    """A variable of a repository."""

    NAME = "actions_variable"
    SCHEMA = schema.variable(environment=False)
    PARTS = ("repository", "variable_name")


class EnvironmentVariable(_Variable):
    """A variable of an environment."""

    NAME = "actions_environment_variable"
    SCHEMA = schema.variable(environment=True)
    PARTS = ("repository", "environment", "variable_name")


class _Secret(_Value):
    KIND = "secrets"

    def validate(self, diags: Diagnostics, type_name: str, config: State) -> None:
        """Check what the provider checks before it asks GitHub."""
        super().validate(diags, type_name, config)
        _check_conflict(diags, config, "encrypted_value", "plaintext_value")

    def _create(self, planned: State) -> str:
        value = None if planned["encrypted_value"] else planned["plaintext_value"] or ""
        self.github.put_secret(*self._where(planned), value)
        return self._id(planned)

    def _read(self, state: State) -> State | None:
        parts = _parts(state["id"], *self.PARTS)
        found = self.github.value(self.KIND, *self._where(parts))
        # Nobody can read a secret; one that was set since is taken for gone, and set anew.
        set_since = state["updated_at"] not in (None, found["updated_at"])
        if set_since and state.get("destroy_on_drift", True):
            return None
        return {"created_at": found["created_at"], "updated_at": found["updated_at"]}


class RepositorySecret(_Secret):
    """A secret of a repository."""

    NAME = "actions_secret"
    SCHEMA = schema.secret(environment=False)
    DEFAULTS: ClassVar[Mapping[str, object]] = {"destroy_on_drift": True}
    PARTS = ("repository", "secret_name")

    def import_(self, ctx: iface.ImportContext, id: str) -> State | None:  # noqa: A002
        """Take over ``repository/NAME``."""
        if id.count("/") != 1:
            ctx.diagnostics.add_error(
                "invalid ID specified: supplied ID must be written as <repository>/<secret_name>"
            )
            return None
        repository, name = id.split("/")
        imported = self._imported(f"{repository}:{name}")
        return {**imported, "repository": repository, "secret_name": name}


class EnvironmentSecret(_Secret):
    """A secret of an environment. The provider can import none."""

    NAME = "actions_environment_secret"
    SCHEMA = schema.secret(environment=True)
    PARTS = ("repository", "environment", "secret_name")

    def validate(self, diags: Diagnostics, type_name: str, config: State) -> None:
        """Check what the provider checks before it asks GitHub."""
        super().validate(diags, type_name, config)
        sealed = config["encrypted_value"]
        if isinstance(sealed, str) and not _is_base64(sealed):
            diags.add_error(
                'expected "encrypted_value" to be a base64 string', path=["encrypted_value"]
            )


class _Data(iface.DataSource):
    """A data source. What a stand-in cannot know of an account or a repository is null."""

    SCHEMA: ClassVar[Schema]
    NAME: ClassVar[str]

    def __init__(self, provider: GitHubProvider) -> None:
        self.github = provider.github
        self.owner = provider.owner

    @classmethod
    def get_name(cls) -> str:
        """Return the type's name."""
        return cls.NAME

    @classmethod
    def get_schema(cls) -> Schema:
        """Return the schema."""
        return cls.SCHEMA

    @abstractmethod
    def _read(self, config: State) -> State:
        """Return what GitHub knows of it."""

    def read(self, ctx: iface.ReadDataContext, config: State) -> State | None:
        """Read it."""
        with _reported(ctx.diagnostics):
            return {**config, **self._read(config)}
        return None


class RepositoryData(_Data):
    """A repository and its id."""

    NAME = "repository"
    SCHEMA = schema.REPOSITORY

    def validate(self, diags: Diagnostics, type_name: str, config: State) -> None:
        """Check what the provider checks before it asks GitHub."""
        super().validate(diags, type_name, config)
        _check_conflict(diags, config, "full_name", "name")

    def _read(self, config: State) -> State:
        full_name = config["full_name"] or f"{self.owner}/{config['name'] or ''}"
        if full_name.endswith("/"):
            raise _MisusedError('one of "full_name" or "name" has to be provided')
        if full_name.count("/") != 1:
            raise _MisusedError(
                f'unexpected full name format ("{full_name}"), expected owner/repo_name'
            )
        try:
            found = self.github.repository(full_name)
        except RefusedError:
            return {}  # no error: all that the provider gives of a missing one is null
        name = found["full_name"].partition("/")[2]
        return {
            "id": name,
            "name": name,
            "full_name": found["full_name"],
            "repo_id": found["id"],
        }


class SubjectTemplateData(_Data):
    """What stands in the subject of a repository's tokens."""

    NAME = "actions_repository_oidc_subject_claim_customization_template"
    SCHEMA = schema.SUBJECT_TEMPLATE

    def _read(self, config: State) -> State:
        keys = self.github.subject_template(f"{self.owner}/{config['name']}")
        return {"id": config["name"], "use_default": keys is None, "include_claim_keys": keys}


class TeamData(_Data):
    """A team of the owner, and its id."""

    NAME = "team"
    SCHEMA = schema.TEAM

    def _read(self, config: State) -> State:
        found = self.github.team(self.owner, config["slug"])
        repositories = self.github.repositories_of(self.owner, config["slug"])
        return {"id": str(found["id"]), "name": found["name"], "repositories": repositories}


class UserData(_Data):
    """A user or an organization, and its id."""

    NAME = "user"
    SCHEMA = schema.USER

    def _read(self, config: State) -> State:
        found = self.github.user(config["username"])
        return {"id": str(found["id"]), "login": found["name"]}


def _first(blocks: list[State]) -> State:
    return blocks[0] if blocks else {}


def _parts(id_: str, *names: str) -> dict[str, str]:
    parts = id_.split(":", len(names) - 1)
    if len(parts) != len(names):
        raise _MisusedError(f'Unexpected ID format ("{id_}"). Expected {":".join(names)}')
    return dict(zip(names, parts, strict=True))


def _escaped(environment: str) -> str:
    return quote(environment, safe="$&+=:@")  # as Go's url.PathEscape does


def _check_conflict(diags: Diagnostics, config: State, one: str, other: str) -> None:
    if config[one] is not None and config[other] is not None:
        diags.add_error(
            "Conflicting configuration arguments",
            f'"{one}": conflicts with {other}',
            path=[one],
        )


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return True
