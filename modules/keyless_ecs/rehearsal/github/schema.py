"""The schemas of what generated stacks use, as GitHub's provider 6.9.0 has them.

tests/rehearsal/test_github_provider.py holds them against the bindings, which were made from that
release.
"""

from typing import Any

from tf.blocks import SetNestedBlock
from tf.gen import tfplugin_pb2 as wire
from tf.schema import Attribute, Block, Schema
from tf.types import Bool, List, Number, Set, String, TfType

_STRING, _NUMBER, _BOOL = String(), Number(), Bool()


class ListBlock(SetNestedBlock):
    """A nested block in a list; the framework itself knows only sets."""

    def __init__(
        self,
        name: str,
        attributes: list[Attribute],
        *,
        most: int | None = None,
        least: int = 0,
        blocks: list["ListBlock"] | None = None,
    ) -> None:
        super().__init__(name, Block(attributes=attributes, block_types=list(blocks or [])))
        self.max_items = most
        self.min_items = least

    def to_pb(self) -> wire.Schema.NestedBlock:
        """Return the block as it goes over the wire."""
        made = super().to_pb()
        made.nesting = wire.Schema.NestedBlock.NestingMode.LIST
        return made

    def semantically_equal(self, a_decoded: Any, b_decoded: Any) -> bool:
        """Compare blocks in blocks as well, which the framework passes over."""
        same: bool = super().semantically_equal(a_decoded, b_decoded)
        return same and all(
            inner.semantically_equal(one[inner.type_name], other[inner.type_name])
            for inner in self.block.block_types
            for one, other in zip(a_decoded, b_decoded, strict=True)
        )


def _required(name: str, type_: TfType = _STRING, *, replace: bool = False) -> Attribute:
    return Attribute(name, type_, required=True, requires_replace=replace)


def _optional(
    name: str, type_: TfType = _STRING, *, replace: bool = False, sensitive: bool = False
) -> Attribute:
    return Attribute(name, type_, optional=True, requires_replace=replace, sensitive=sensitive)


def _known(*names: str, type_: TfType = _STRING) -> list[Attribute]:
    """Return attributes that only GitHub can fill."""
    return [Attribute(name, type_, computed=True) for name in names]


def _either(name: str) -> Attribute:
    """Return an attribute that GitHub fills where the configuration does not."""
    return Attribute(name, _STRING, optional=True, computed=True)


def _schema(*attributes: Attribute, blocks: list[ListBlock] | None = None) -> Schema:
    # Of a schema without a version, the framework warns at each read.
    return Schema([_either("id"), *attributes], version=0, block_types=list(blocks or []))


def _place(*, environment: bool, replace: bool) -> list[Attribute]:
    place = [_required("repository", replace=replace)]
    return [*place, _required("environment", replace=True)] if environment else place


def variable(*, environment: bool) -> Schema:
    """Return the schema of a variable of a repository, or of its environment."""
    return _schema(
        *_place(environment=environment, replace=False),
        _required("variable_name", replace=True),
        _required("value"),
        *_known("created_at", "updated_at"),
    )


def secret(*, environment: bool) -> Schema:
    """Return the schema of a secret of a repository, or of its environment."""
    drift = [] if environment else [_optional("destroy_on_drift", _BOOL, replace=True)]
    return _schema(
        *_place(environment=environment, replace=True),
        _required("secret_name", replace=True),
        _optional("encrypted_value", replace=True, sensitive=True),
        _optional("plaintext_value", replace=True, sensitive=True),
        *drift,
        *_known("created_at", "updated_at"),
    )


PROVIDER = Schema(
    [
        *(_optional(name) for name in ("base_url", "organization", "owner", "token")),
        *(_optional(name, _BOOL) for name in ("insecure", "parallel_requests")),
        *(
            _optional(name, _NUMBER)
            for name in (
                "max_per_page",
                "max_retries",
                "read_delay_ms",
                "retry_delay_ms",
                "write_delay_ms",
            )
        ),
        _optional("retryable_errors", List(_NUMBER)),
    ],
    version=0,
    block_types=[
        ListBlock(
            "app_auth",
            [
                _required("id"),
                _required("installation_id"),
                Attribute("pem_file", _STRING, required=True, sensitive=True),
            ],
            most=1,
        )
    ],
)
ENVIRONMENT = _schema(
    *_place(environment=True, replace=True),
    _optional("can_admins_bypass", _BOOL),
    _optional("prevent_self_review", _BOOL),
    _optional("wait_timer", _NUMBER),
    blocks=[
        ListBlock(
            "reviewers",
            [_optional("teams", Set(_NUMBER)), _optional("users", Set(_NUMBER))],
            most=6,
        ),
        ListBlock(
            "deployment_branch_policy",
            [_required("protected_branches", _BOOL), _required("custom_branch_policies", _BOOL)],
            most=1,
        ),
    ],
)
DEPLOYMENT_POLICY = _schema(
    *_place(environment=True, replace=True),
    _optional("branch_pattern"),
    _optional("tag_pattern"),
)
RULES = (
    "creation",
    "deletion",
    "non_fast_forward",
    "required_linear_history",
    "required_signatures",
    "update",
    "update_allows_fetch_and_merge",
)
"""What a ruleset forbids, of what takes no settings."""
RULESET = _schema(
    *(_required(name) for name in ("enforcement", "name", "repository", "target")),
    *_known("etag", "node_id"),
    *_known("ruleset_id", type_=_NUMBER),
    blocks=[
        ListBlock(
            "bypass_actors",
            [_optional("actor_id", _NUMBER), _required("actor_type"), _required("bypass_mode")],
        ),
        ListBlock(
            "conditions",
            [],
            most=1,
            blocks=[
                ListBlock(
                    "ref_name",
                    [_required("exclude", List(_STRING)), _required("include", List(_STRING))],
                    least=1,
                    most=1,
                )
            ],
        ),
        ListBlock(
            "rules",
            [_optional(name, _BOOL) for name in RULES],
            least=1,
            most=1,
        ),
    ],
)
REPOSITORY = _schema(
    _either("full_name"),
    _either("name"),
    _optional("description"),
    _optional("homepage_url"),
    *_known("repo_id", type_=_NUMBER),
    *_known(
        "default_branch",
        "git_clone_url",
        "html_url",
        "http_clone_url",
        "merge_commit_message",
        "merge_commit_title",
        "node_id",
        "primary_language",
        "squash_merge_commit_message",
        "squash_merge_commit_title",
        "ssh_clone_url",
        "svn_url",
        "visibility",
    ),
    *_known(
        "allow_auto_merge",
        "allow_merge_commit",
        "allow_rebase_merge",
        "allow_squash_merge",
        "allow_update_branch",
        "archived",
        "delete_branch_on_merge",
        "fork",
        "has_discussions",
        "has_downloads",
        "has_issues",
        "has_projects",
        "has_wiki",
        "is_template",
        "private",
        type_=_BOOL,
    ),
    *_known("topics", type_=List(_STRING)),
)
SUBJECT_TEMPLATE = _schema(
    _required("name"),
    *_known("use_default", type_=_BOOL),
    *_known("include_claim_keys", type_=List(_STRING)),
)
USER = _schema(
    _required("username"),
    *_known(
        "avatar_url",
        "bio",
        "blog",
        "company",
        "created_at",
        "email",
        "gravatar_id",
        "location",
        "login",
        "name",
        "node_id",
        "suspended_at",
        "updated_at",
    ),
    *_known("followers", "following", "public_gists", "public_repos", type_=_NUMBER),
    *_known("gpg_keys", "ssh_keys", type_=List(_STRING)),
    *_known("site_admin", type_=_BOOL),
)
TEAM = _schema(
    _required("slug"),
    _optional("membership_type"),
    _optional("results_per_page", _NUMBER),
    _optional("summary_only", _BOOL),
    *_known("description", "name", "node_id", "permission", "privacy"),
    *_known("members", "repositories", type_=List(_STRING)),
)
