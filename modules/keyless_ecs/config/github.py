"""The GitHub side of the delivery file: the owner, and names as GitHub defines them."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt

from keyless_ecs.config.model import Model
from keyless_ecs.config.regions import Partition
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import as_name, shown
from keyless_ecs.config.text import EachOnce, Text, matching

BuiltInVariable = Literal[
    "AWS_ACCOUNT_ID",
    "AWS_REGION",
    "ECR_REPOSITORY",
    "AWS_IAM_ROLE_ARN",
    "ECS_CLUSTER",
    "ECS_SERVICE",
    "ECS_TASK_FAMILY",
    "ECS_TASK_TEMPLATE",
    "ECS_CONTAINER",
    "AWS_BUILD_ROLE_ARN",
]
BUILT_IN_VARIABLES = get_args(BuiltInVariable)
"""What the workflows always read, the article's first."""

ARTICLE_VARIABLES = BUILT_IN_VARIABLES[:4]
"""Those that the article has its reader make by hand."""

BUILD_VARIABLES = ("AWS_ACCOUNT_ID", "AWS_REGION", "ECR_REPOSITORY", "AWS_BUILD_ROLE_ARN")
"""Those that the job reads which builds an image or finds it."""

DEPLOY_VARIABLES = tuple(name for name in BUILT_IN_VARIABLES if name != "AWS_BUILD_ROLE_ARN")
"""Those that the job reads which deploys."""

REGISTRY_ELSEWHERE_VARIABLES = ("ECR_ACCOUNT_ID", "ECR_REGION")
"""What both read besides where the images come from another account or region."""

TIMES = {"ECS_WAIT_MINUTES": 30, "ECS_SESSION_SECONDS": 3600}
"""What the job that deploys reads besides, where it is not this much."""

SERVICE_URL = "SERVICE_URL"
"""Where GitHub's page of a deployment links to, for a service with a domain."""


_SET_HERE = (*BUILT_IN_VARIABLES, *REGISTRY_ELSEWHERE_VARIABLES, *TIMES, SERVICE_URL)


def _no_wildcard(value: str) -> str:
    if "*" in value or "?" in value:
        raise ValueError(
            f"{shown(value)} holds a wildcard, which would trust what others can create; "
            "name exactly one"
        )
    return value


def _name_alone(value: str) -> str:
    if "/" in value:
        name = value.rstrip("/").rpartition("/")[2]
        raise ValueError(
            f"{shown(value)} is more than the repository's name; the owner stands in github.owner, "
            f'here use "{as_name(name)}"'
        )
    return value


def _not_reserved(value: str) -> str:
    if value.upper().startswith("GITHUB_"):
        raise ValueError(
            f"{shown(value)} begins with GITHUB_, which GitHub reserves; choose another"
        )
    if value.upper() in _SET_HERE:
        raise ValueError(
            f"{shown(value)} is set from the AWS resources already; choose another name"
        )
    return value


def _digits(value: object) -> object:
    if isinstance(value, int | float) and not shown(value).isdigit():
        raise ValueError(f"{shown(value)} is not a GitHub id; use its decimal digits")
    return shown(value) if isinstance(value, int) else value


def _presentable(value: str) -> str:
    # GitHub, Terraform and IAM would each read an expression of its own in "${".
    if value != value.strip() or not value.isprintable() or "${" in value or "%{" in value:
        raise ValueError(
            f"{shown(value)} is not a GitHub environment name; "
            "use printable characters, none blank at its ends and no ${ or %{"
        )
    return value


Login = Annotated[
    str,
    AfterValidator(_no_wildcard),
    matching(
        r"[A-Za-z0-9](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9])){0,38}",
        "is not a GitHub user or organization; use 1 to 39 letters, digits and single hyphens",
    ),
]
RepositoryName = Annotated[
    str,
    AfterValidator(_no_wildcard),
    AfterValidator(_name_alone),
    matching(
        r"(?!\.{1,2}$)(?!.*\.git$)[\w.-]{1,100}",
        "is not a GitHub repository name; use 1 to 100 letters, digits and any of . _ -",
    ),
]
GitHubId = Annotated[
    str,
    BeforeValidator(_digits, json_schema_input_type=str | int),
    matching(r"[1-9]\d{0,18}", "is not a GitHub id; use the number that GitHub's API gives"),
]
EnvironmentName = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_presentable)]
VariableName = Annotated[
    str,
    matching(
        r"[A-Za-z_]\w*",
        "is not a name for a variable or secret; use letters, digits and _, no digit first",
    ),
    AfterValidator(_not_reserved),
]
TeamSlug = Annotated[
    str, matching(r"[a-z0-9_-]{1,100}", "is not a team's slug; use it as it stands in the URL")
]
CodeOwner = Annotated[
    str,
    matching(
        r"@[A-Za-z0-9][A-Za-z0-9_-]{0,38}(/[a-z0-9_-]{1,100})?|[\w.+-]+@[\w-]+(\.[\w-]+)+",
        'is not a code owner; use "@user", "@organization/team" or an e-mail address',
    ),
]
Sealed = Annotated[
    str,
    matching(
        r"(?=.{64,})([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
        "is not a sealed box in base64; "
        "encrypt the value with the environment's public key (libsodium)",
        secret=True,
    ),
]


def _audience(value: str) -> str:
    if value == "sts.amazon.com":
        raise ValueError(
            "'sts.amazon.com' is a common misspelling that no token carries; use sts.amazonaws.com"
        )
    if not re.fullmatch(r"[\w.:/-]{1,255}", value, re.ASCII):
        raise ValueError(f"{shown(value)} is not an audience; use sts.amazonaws.com")
    return value


Audience = Annotated[str, AfterValidator(_audience)]


def _known_issuer(value: str) -> str:
    if not any(pattern.fullmatch(value) for pattern in _ISSUERS.values()):
        raise ValueError(
            f"{shown(value)} is not an issuer of GitHub's tokens; "
            "use https://token.actions.githubusercontent.com, with /<enterprise> behind it where "
            "that has an issuer of its own, https://token.actions.<name>.ghe.com, "
            "or https://<host>/_services/token for GitHub Enterprise Server"
        )
    return value


_ISSUERS = {
    "github.com": re.compile(r"https://token\.actions\.githubusercontent\.com(/[\w-]+)?", re.ASCII),
    "ghe.com": re.compile(r"https://token\.actions\.([a-z0-9-]+)\.ghe\.com"),
    "server": re.compile(
        r"https://(?!token\.actions\.)((?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?)/_services/token",
        re.ASCII,
    ),
}
"""https://docs.github.com/en/actions/reference/security/oidc, and the same page of each product."""

_ANY_ISSUER = "|".join(f"^{pattern.pattern}$" for pattern in _ISSUERS.values())


class GitHub(Model):
    """The owner of the repositories, and who issues their tokens."""

    owner: Login
    """The user or organization that owns the repositories, spelled as GitHub spells it, capitals
    included.

    Example: acme
    """
    owner_id: GitHubId | None = None
    """The owner's id, for the immutable form of the token's subject.

    Default: looked up at plan time
    Example: "583231"
    """
    issuer: Annotated[
        str, AfterValidator(_known_issuer), Field(json_schema_extra={"pattern": _ANY_ISSUER})
    ] = "https://token.actions.githubusercontent.com"
    """Who issues the tokens: with ``/<enterprise>`` behind it where the enterprise has an issuer of
    its own; ``https://token.actions.<name>.ghe.com``; or ``https://<host>/_services/token`` for
    GitHub Enterprise Server.

    Example: https://token.actions.acme.ghe.com
    """
    audience: Audience | None = None
    """The ``aud`` that jobs ask for and roles check.

    Default: ``sts.amazonaws.com``, in China ``sts.amazonaws.com.cn``
    Example: sts.amazonaws.com
    """
    plan: Literal["free", "pro", "team", "enterprise"] | None = None
    """GitHub's plan of the owner, which decides what protects environments of private repositories:
    below ``enterprise`` neither reviewers nor a wait, with ``free`` not even the branches.

    Default: not said, so that GitHub answers at apply
    """
    app_auth: StrictBool = False
    """Whether Terraform's provider is a GitHub App, which it is told by ``GITHUB_APP_ID``,
    ``GITHUB_APP_INSTALLATION_ID`` and ``GITHUB_APP_PEM_FILE`` where Terraform runs."""
    code_owners: Annotated[tuple[CodeOwner, ...], EachOnce] = ()
    """Who owns the generated files: ``@user``, ``@organization/team`` or e-mail addresses. See
    docs/operations.md#code-owners.

    Example: ["@acme/platform"]
    """

    @property
    def provider(self) -> str:
        """The issuer without scheme, as it stands in ARNs and condition keys."""
        return self.issuer.removeprefix("https://")

    @property
    def is_enterprise_server(self) -> bool:
        """Whether the tokens are those of GitHub Enterprise Server.

        It has no immutable subjects, and AWS checks only ``aud`` and ``sub`` of its claims.
        """
        return bool(_ISSUERS["server"].fullmatch(self.issuer))

    @property
    def base_url(self) -> str | None:
        """The address of the API for Terraform's provider, None for github.com."""
        if match := _ISSUERS["ghe.com"].fullmatch(self.issuer):
            return f"https://api.{match[1]}.ghe.com/"
        match = _ISSUERS["server"].fullmatch(self.issuer)
        return f"https://{match[1]}/" if match else None

    def audience_in(self, partition: Partition) -> str:
        """Return the ``aud`` that jobs ask for, as *partition* knows it.

        https://github.com/aws-actions/configure-aws-credentials#oidc-audience
        """
        china = partition == "aws-cn"
        return self.audience or ("sts.amazonaws.com.cn" if china else "sts.amazonaws.com")


class Reviewers(Setting):
    """Who must approve a deployment: up to six users and teams, by name.

    https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
    """

    users: Annotated[tuple[Login, ...], EachOnce] = ()
    """Users, by name.

    Example: [octocat]
    """
    teams: Annotated[tuple[TeamSlug, ...], EachOnce] = ()
    """Teams of the owner, by slug.

    Example: [platform]
    """

    def problem(self) -> str | None:
        """Say why GitHub refuses these reviewers, or None where it takes them."""
        if len(self.users) + len(self.teams) <= 6:
            return None
        return (
            f"{len(self.users)} users and {len(self.teams)} teams are more than the 6 "
            "reviewers that GitHub takes; make them a team"
        )


class Ruleset(Setting):
    """Who alone makes the branches and tags that deploy: what GitHub calls a bypass list.

    The role Write is none to name: it is what a ruleset is to stop.
    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository
    """

    teams: Annotated[tuple[TeamSlug, ...], EachOnce] = ()
    """Teams of the owner, by slug, which may write to the repository.

    Example: [release]
    """
    apps: Annotated[tuple[GitHubId, ...], EachOnce] = ()
    """GitHub Apps that make releases, by App ID; each is installed on the repository.

    Example: ["123456"]
    """
    roles: Annotated[tuple[Literal["admin", "maintain"], ...], EachOnce] = ()
    """Roles in the repository: `admin`, `maintain`. The owners of an organization are admins.

    Example: [maintain, admin]
    """


class Secret(Model):
    """A secret's value: sealed for the environment's public key, else a Terraform variable."""

    sealed: Sealed | None = None
    """The value, encrypted with the environment's public key (a libsodium sealed box, in base64).

    Default: a Terraform variable
    Example: U0VBTEVEU0VBTEVEU0VBTEVEU0VBTEVEU0VBTEVEU0VBTEVEU0VBTEVEU0VBTEVE
    """


def _never_a_literal(value: object) -> object:
    if value == "variable":
        return {}
    if isinstance(value, Mapping | Secret):
        return value
    raise ValueError(
        "a secret's value never stands in this file; "
        'write "variable" and pass it as TF_VAR_secret_<NAME>, or {sealed: <base64>}'
    )


OwnSecret = Annotated[
    Secret,
    BeforeValidator(_never_a_literal, json_schema_input_type=Literal["variable"] | Secret),
]


class EnvironmentSettings(Setting):
    """The GitHub environment: protection, own variables and secrets; and who makes its refs."""

    name: EnvironmentName | None = None
    """Name of the GitHub environment in which images are deployed; they are built in
    ``<name>-build``, which takes the same refs and asks nobody.

    Default: {github_environment}, with ``image_of`` ``<service>-<environment>``
    Example: live
    """
    reviewers: Reviewers = Reviewers()
    """Who must approve a deployment: six in all.

    Example: {users: [octocat], teams: [platform]}
    """
    wait_minutes: Annotated[StrictInt, Field(ge=0, le=43_200)] = 0
    """How many minutes a deployment waits.

    Example: 10
    """
    prevent_self_review: StrictBool = False
    """Whether who starts a deployment may not approve it."""
    admins_bypass: StrictBool = False
    """Whether administrators may pass by the protection."""
    ruleset: Ruleset = Ruleset()
    """Who alone makes what ``deploy_from`` names: nobody else makes, moves or deletes such a tag,
    nor makes, rewrites or deletes such a branch. See docs/refs.md#who-may-make-a-ref.

    Default: whoever can write to the repository
    Example: {teams: [release], roles: [admin]}
    """
    variables: Mapping[VariableName, Text] = {}
    """Further variables, for jobs of your own: no generated one reads them.

    Example: {FEATURE: "on"}
    """
    secrets: Mapping[VariableName, OwnSecret] = {}
    """Secrets for jobs of your own, by name: ``variable`` (the value arrives as
    ``TF_VAR_secret_<NAME>``, and stands in the state), or ``{sealed: <base64>}``.

    Example: {TOKEN: variable}
    """
    as_secrets: Annotated[tuple[BuiltInVariable, ...], EachOnce] = ()
    """Which of the built-in variables are secrets instead.

    Example: [AWS_ACCOUNT_ID]
    """
