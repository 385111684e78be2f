"""What each policy must let through and what it must not: the proofs that several tests share."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keyless_ecs.aws import task_roles
from keyless_ecs.aws.registry import pull_from_other_accounts
from keyless_ecs.trust import claims
from keyless_ecs.trust.attempts import Attempt, attempts
from keyless_ecs.trust.deploy_role import DeployRole
from keyless_ecs.trust.evaluator import Policy, grants, permits
from keyless_ecs.trust.permissions import deploy_permissions
from keyless_ecs.trust.policy import trust_policy

PARTITION, REGION, ACCOUNT = "aws", "ap-northeast-1", "123456789012"
OTHER_REGION, OTHER_ACCOUNT = "eu-west-1", "210987654321"
TASKS = "ecs-tasks.amazonaws.com"
Keys = Mapping[str, str]


@dataclass(frozen=True)
class Try:
    """A request, and whether a policy should let it through."""

    name: str
    passes: Callable[[Policy], bool]
    expected: bool


@dataclass(frozen=True)
class Proved:
    """A policy, and what it is tried with."""

    name: str
    policy: dict[str, Any]
    tries: tuple[Try, ...]

    def failures(self, policy: Policy | None = None) -> list[str]:
        """Return the tries that do not come out as they should, with another policy if given."""
        tried = self.policy if policy is None else policy
        return [attempt.name for attempt in self.tries if attempt.passes(tried) != attempt.expected]


@dataclass(frozen=True)
class Thing:
    """A kind of AWS resource by its names, with the neighbours that one may be taken for."""

    service: str
    template: str
    names: tuple[str, ...]

    def arn(self, *names: str, region: str = REGION, account: str = ACCOUNT) -> str:
        """Return its ARN, or with other names, or elsewhere."""
        place = "" if self.service == "iam" else region
        resource = self.template.format(*(names or self.names))
        return f"arn:{PARTITION}:{self.service}:{place}:{account}:{resource}"

    @property
    def neighbours(self) -> list[str]:
        """The ARNs of what has another name in one place, or the same names elsewhere."""
        found = [self.arn(account=OTHER_ACCOUNT)]
        if self.service != "iam":
            found.append(self.arn(region=OTHER_REGION))
        for place, name in enumerate(self.names):
            for other in ("other", f"{name}-2", f"x{name}"):
                found.append(self.arn(*self.names[:place], other, *self.names[place + 1 :]))
        return found


REPOSITORY = Thing("ecr", "repository/{}/{}", ("team", "papyrus"))
SERVICE = Thing("ecs", "service/{}/{}", ("shelf", "papyrus"))
DEPLOYMENT = Thing("ecs", "service-deployment/{}/{}/Yc4p", ("shelf", "papyrus"))
FAMILY = Thing("ecs", "task-definition/{}:*", ("scroll",))
REVISION = Thing("ecs", "task-definition/{}:7", ("scroll",))
EXECUTION_ROLE = Thing("iam", "role/{}", ("papyrus-task-execution",))
TASK_ROLE = Thing("iam", "role/{}", ("papyrus-task",))
PARAMETER = Thing("ssm", "parameter/{}/{}", ("papyrus", "key"))
SECRET = Thing("secretsmanager", "secret:{}", ("papyrus-AbCdEf",))

EXEC = "ecs:enable-execute-command"
TO_TASKS = {"iam:PassedToService": TASKS}
REGISTERING = {"ecs:CreateAction": "RegisterTaskDefinition"}
TO_FAMILY = {"ecs:task-definition": REVISION.arn()}


@dataclass(frozen=True)
class Call:
    """An API call that a step of the workflows makes; *thing* is None where none can be named."""

    step: str
    action: str
    thing: Thing | None
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def own(self) -> Try:
        """The call on what it is for, which must be allowed."""
        resource = self.thing.arn() if self.thing else "*"
        return _request(f"{self.step}: {self.action}", self.action, resource, dict(self.keys), True)

    @property
    def beside(self) -> Iterator[Try]:
        """The call on the neighbours, which must be denied."""
        for arn in self.thing.neighbours if self.thing else ():
            yield denied(self.action, arn, dict(self.keys))


def denied(action: str, resource: str, keys: Keys | None = None) -> Try:
    """Return a request that must be denied."""
    shown = "".join(f", {key}={value}" for key, value in (keys or {}).items())
    return _request(f"{action} on {resource}{shown}", action, resource, keys or {}, False)


def _request(name: str, action: str, resource: str, keys: Keys, expected: bool) -> Try:
    def passes(policy: Policy) -> bool:
        return permits(policy, action=action, resource=resource, context=keys)

    return Try(name, passes, expected)


def _calls(step: str, thing: Thing | None, *actions: str, **keys: str) -> list[Call]:
    return [Call(step, action, thing, tuple(keys.items())) for action in actions]


LOG_IN = _calls("Log in to ECR", None, "ecr:GetAuthorizationToken")
PUSH = [
    *_calls("Look for an image of this commit", REPOSITORY, "ecr:BatchGetImage"),
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
    *_calls(
        "Build and push",
        REPOSITORY,
        "ecr:BatchCheckLayerAvailability",
        "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart",
        "ecr:CompleteLayerUpload",
        "ecr:PutImage",
    ),
    # Where a Dockerfile builds upon an earlier image.
    *_calls("Build and push", REPOSITORY, "ecr:GetDownloadUrlForLayer"),
]
DEPLOY = [
    *_calls("Find the image", REPOSITORY, "ecr:DescribeRepositories", "ecr:DescribeImages"),
    *_calls("Read the newest revision", None, "ecs:DescribeTaskDefinition"),
    *_calls("Deploy, register", FAMILY, "ecs:RegisterTaskDefinition"),
    *_calls(
        "Deploy, register", FAMILY, "ecs:RegisterTaskDefinition", **{"ecs:privileged": "false"}
    ),
    *_calls("Deploy, register", FAMILY, "ecs:TagResource", **REGISTERING),
    *_calls("Deploy, register", EXECUTION_ROLE, "iam:PassRole", **TO_TASKS),
    *_calls("Deploy, register", TASK_ROLE, "iam:PassRole", **TO_TASKS),
    *_calls("Deploy, update", SERVICE, "ecs:UpdateService", **TO_FAMILY),
    *_calls("Deploy, update", SERVICE, "ecs:UpdateService", **TO_FAMILY, **{EXEC: "false"}),
    *_calls("Deploy and wait", SERVICE, "ecs:DescribeServices", "ecs:ListServiceDeployments"),
    # AWS asks for both resources of the one call.
    *_calls("Deploy and wait", SERVICE, "ecs:DescribeServiceDeployments"),
    *_calls("Deploy and wait", DEPLOYMENT, "ecs:DescribeServiceDeployments"),
]


def _misuses(*, exec_allowed: bool) -> Iterator[Try]:
    """Yield what the role's own resources must not be put to."""
    update, family, service = "ecs:UpdateService", FAMILY.arn(), SERVICE.arn()
    for revision in REVISION.neighbours:
        yield denied(update, service, {"ecs:task-definition": revision})
    yield denied(update, service)
    if not exec_allowed:
        yield denied(update, service, {**TO_FAMILY, EXEC: "true"})
    yield denied("ecs:RegisterTaskDefinition", family, {"ecs:privileged": "true"})
    yield denied("ecs:TagResource", family)
    yield denied("ecs:TagResource", family, {"ecs:CreateAction": "CreateService"})
    for role in (EXECUTION_ROLE, TASK_ROLE):
        yield denied("iam:PassRole", role.arn())
        for host in ("ec2.amazonaws.com", "ecs.amazonaws.com", "lambda.amazonaws.com"):
            yield denied("iam:PassRole", role.arn(), {"iam:PassedToService": host})
    for resource, *actions in (
        (
            REPOSITORY.arn(),
            "ecr:BatchDeleteImage",
            "ecr:DeleteRepository",
            "ecr:SetRepositoryPolicy",
        ),
        (service, "ecs:CreateService", "ecs:DeleteService", "ecs:TagResource"),
        (family, "ecs:RunTask", "ecs:DeleteTaskDefinitions"),
        (TASK_ROLE.arn(), "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole"),
        ("*", "ecs:DeregisterTaskDefinition", "ecs:ListTaskDefinitions", "ecr:CreateRepository"),
    ):
        for action in actions:
            yield denied(action, resource, {**TO_FAMILY, **TO_TASKS, **REGISTERING})


def deploy(*, push: bool = True, exec_allowed: bool = False) -> Proved:
    """Return the deploy role's permissions, with the calls of the workflows."""
    calls = [*LOG_IN, *(PUSH if push else ()), *DEPLOY]
    if exec_allowed:
        calls += _calls("Deploy", SERVICE, "ecs:UpdateService", **TO_FAMILY, **{EXEC: "true"})
    without_push = () if push else (denied(call.action, REPOSITORY.arn()) for call in PUSH)
    name = f"deploy {'with' if push else 'without'} push{', exec' if exec_allowed else ''}"
    return Proved(
        name,
        deploy_permissions(
            repository_arn=REPOSITORY.arn(),
            service_arn=SERVICE.arn(),
            task_definition_arn=FAMILY.arn(),
            role_arns=[EXECUTION_ROLE.arn(), TASK_ROLE.arn()],
            push=push,
            exec_allowed=exec_allowed,
        ),
        (*_all(calls), *without_push, *_misuses(exec_allowed=exec_allowed)),
    )


def read_secrets() -> Proved:
    """Return the execution role's permissions, with the reading of its two secrets."""
    calls = [
        *_calls("Start", PARAMETER, "ssm:GetParameters"),
        *_calls("Start", SECRET, "secretsmanager:GetSecretValue"),
    ]
    misuses = [
        denied("ssm:PutParameter", PARAMETER.arn()),
        denied("secretsmanager:PutSecretValue", SECRET.arn()),
    ]
    policy = task_roles.read_secrets([PARAMETER.arn(), f"{SECRET.arn()}:password::"])
    return Proved("read secrets", policy, (*_all(calls), *misuses))


def exec_channels() -> Proved:
    """Return the task role's permissions for ECS Exec."""
    channels = ("ControlChannel", "DataChannel")
    actions = [f"ssmmessages:{verb}{what}" for verb in ("Create", "Open") for what in channels]
    calls = _calls("ECS Exec", None, *actions)
    return Proved("exec channels", task_roles.exec_channels(), tuple(_all(calls)))


def _all(calls: Iterable[Call]) -> Iterator[Try]:
    for call in calls:
        yield call.own
        yield from call.beside


def pull() -> Proved:
    """Return the registry's policy for two other accounts, with their pulls."""
    first = [Thing("iam", "role/{}", (name,)) for name in ("qa-task-execution", "qa-deploy")]
    second = Thing("iam", "role/{}", ("live-deploy",))
    third_account = "333333333333"
    arns = [thing.arn(account=OTHER_ACCOUNT) for thing in first]
    live = second.arn(account=third_account)
    policy = pull_from_other_accounts(
        {
            f"arn:{PARTITION}:iam::{OTHER_ACCOUNT}:root": arns,
            f"arn:{PARTITION}:iam::{third_account}:root": [live],
        }
    )
    if policy is None:
        raise AssertionError("two accounts promote the image")

    def request(action: str, role: str, expected: bool) -> Try:
        def passes(policy: Policy) -> bool:
            keys = {"aws:PrincipalArn": role}
            return grants(policy, action=action, principal=("AWS", role), context=keys)

        return Try(f"{action} by {role}", passes, expected)

    def anonymous(policy: Policy) -> bool:
        return grants(policy, action="ecr:BatchGetImage", principal=("AWS", arns[0]))

    pulls = (
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer",
    )
    alike = [thing.arn(f"x{thing.names[0]}", account=OTHER_ACCOUNT) for thing in first]
    alike += [thing.arn(f"{thing.names[0]}-2", account=OTHER_ACCOUNT) for thing in first]
    alike += [second.arn(name, account=third_account) for name in ("xlive-deploy", "live-deploy-2")]
    strangers = [
        *alike,
        first[0].arn("other", account=OTHER_ACCOUNT),
        second.arn("other", account=third_account),
        # Each account is let in for its own roles.
        *(thing.arn(account=third_account) for thing in first),
        second.arn(account=OTHER_ACCOUNT),
        *(thing.arn(account="444444444444") for thing in (*first, second)),
    ]
    return Proved(
        "pull from other accounts",
        policy,
        (
            *(request(action, role, True) for action in pulls for role in (*arns, live)),
            *(request("ecr:PutImage", role, False) for role in (*arns, live)),
            *(request("ecr:BatchGetImage", role, False) for role in strangers),
            Try("a principal without a name", anonymous, False),
        ),
    )


def task_trust() -> Proved:
    """Return the trust of a task's roles, with ECS acting for this account and for others."""
    policy = task_roles.task_trust(partition=PARTITION, region=REGION, account_id=ACCOUNT)
    task = Thing("ecs", "task/{}/0a1b", ("shelf",))
    account, arn = "aws:SourceAccount", "aws:SourceArn"
    own = {account: ACCOUNT, arn: task.arn()}

    def request(name: str, expected: bool, keys: Keys, service: str = TASKS) -> Try:
        def passes(policy: Policy) -> bool:
            return grants(
                policy, action="sts:AssumeRole", principal=("Service", service), context=keys
            )

        return Try(name, passes, expected)

    elsewhere = {account: OTHER_ACCOUNT, arn: task.arn(account=OTHER_ACCOUNT)}
    return Proved(
        "task trust",
        policy,
        (
            request("a task of this account", True, own),
            request("a task of another account", False, elsewhere),
            request("a task of another region", False, {**own, arn: task.arn(region=OTHER_REGION)}),
            request("another service", False, own, "ec2.amazonaws.com"),
            # The two conditions say the same twice over; each is to hold alone.
            request("another account, by number", False, {**own, account: OTHER_ACCOUNT}),
            request("another account, by ARN", False, {**own, arn: elsewhere[arn]}),
            request("no source account", False, {arn: own[arn]}),
            request("no source ARN", False, {account: own[account]}),
        ),
    )


def permissions() -> list[Proved]:
    """Return every policy that says what may be done."""
    return [
        deploy(),
        deploy(push=False),
        deploy(exec_allowed=True),
        read_secrets(),
        exec_channels(),
        pull(),
        task_trust(),
    ]


def deploy_role(**settings: Any) -> DeployRole:
    """Return a deploy role of the article's repository, with *settings* over the usual ones."""
    issuer = settings.get("issuer", claims.GITHUB_COM)
    usual = {
        "name": "papyrus-production-deploy",
        "provider_arn": f"arn:{PARTITION}:iam::{ACCOUNT}:oidc-provider/{issuer}",
        "owner": "Nickelth",
        "owner_id": "1001",
        "repository": "Papyrus",
        "repository_id": "2002",
        "environment": "production",
        "branches": ["main"],
        "tags": ["v*.*.*"],
    }
    return DeployRole(**{**usual, **settings})


def trust(name: str, role: DeployRole, policy: dict[str, Any] | None = None) -> Proved:
    """Return a deploy role's trust, with the tokens that it is tried with."""

    def passes(attempt: Attempt) -> Callable[[Policy], bool]:
        return lambda policy: attempt.succeeds(policy, role)

    return Proved(
        name,
        trust_policy(role) if policy is None else policy,
        tuple(
            Try(f"{attempt.name} ({attempt.form})", passes(attempt), attempt.expected)
            for attempt in attempts(role)
        ),
    )
