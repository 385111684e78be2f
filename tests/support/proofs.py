"""What each policy must let through and what it must not: the proofs that several tests share."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keyless_ecs.aws import task_roles
from keyless_ecs.aws.registry import ACCESS, access_from_other_accounts
from keyless_ecs.trust import claims
from keyless_ecs.trust.attempts import Attempt, attempts
from keyless_ecs.trust.evaluator import Policy, grants, permits
from keyless_ecs.trust.job_role import JobRole
from keyless_ecs.trust.permissions import build_permissions, deploy_permissions
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
FAMILY = Thing("ecs", "task-definition/{}:*", ("scroll",))
REVISION = Thing("ecs", "task-definition/{}:7", ("scroll",))
EXECUTION_ROLE = Thing("iam", "role/{}", ("papyrus-task-execution",))
TASK_ROLE = Thing("iam", "role/{}", ("papyrus-task",))
PARAMETER = Thing("ssm", "parameter/{}/{}", ("papyrus", "key"))
SECRET = Thing("secretsmanager", "secret:{}", ("papyrus-AbCdEf",))

EXEC = "ecs:enable-execute-command"
TO_TASKS = {"iam:PassedToService": TASKS}
RECORDED = {"aws:RequestTag/keyless-ecs:digest": "sha256:0a1b"}
REGISTERING = {"ecs:CreateAction": "RegisterTaskDefinition", **RECORDED}
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
FIND = _calls("Look for what was deployed", REPOSITORY, "ecr:DescribeImages")
DEPLOY = [
    *_calls("Find the image", REPOSITORY, "ecr:DescribeRepositories", "ecr:DescribeImages"),
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html
    *_calls("Keep the image", REPOSITORY, "ecr:BatchGetImage", "ecr:PutImage"),
    *_calls("Fill in the template", None, "ecs:DescribeTaskDefinition"),
    *_calls("Deploy, register", FAMILY, "ecs:RegisterTaskDefinition", **RECORDED),
    *_calls(
        "Deploy, register",
        FAMILY,
        "ecs:RegisterTaskDefinition",
        **{**RECORDED, "ecs:privileged": "false"},
    ),
    *_calls("Deploy, register", FAMILY, "ecs:TagResource", **REGISTERING),
    *_calls("Deploy, register", EXECUTION_ROLE, "iam:PassRole", **TO_TASKS),
    *_calls("Deploy, register", TASK_ROLE, "iam:PassRole", **TO_TASKS),
    *_calls("Deploy, update", SERVICE, "ecs:UpdateService", **TO_FAMILY),
    *_calls("Deploy, update", SERVICE, "ecs:UpdateService", **TO_FAMILY, **{EXEC: "false"}),
    *_calls("Deploy and wait", SERVICE, "ecs:DescribeServices"),
]


def _misuses(*, exec_allowed: bool) -> Iterator[Try]:
    """Yield what the role's own resources must not be put to."""
    update, family, service = "ecs:UpdateService", FAMILY.arn(), SERVICE.arn()
    for revision in REVISION.neighbours:
        yield denied(update, service, {"ecs:task-definition": revision})
    yield denied(update, service)
    if not exec_allowed:
        yield denied(update, service, {**TO_FAMILY, EXEC: "true"})
    yield denied("ecs:RegisterTaskDefinition", family, {**RECORDED, "ecs:privileged": "true"})
    yield denied("ecs:RegisterTaskDefinition", family)
    yield denied("ecs:TagResource", family, RECORDED)
    yield denied("ecs:TagResource", family, {**RECORDED, "ecs:CreateAction": "CreateService"})
    yield denied("ecs:TagResource", family, {"ecs:CreateAction": "RegisterTaskDefinition"})
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


def build(*, push: bool = True) -> Proved:
    """Return the build role's permissions, with the calls of the job that builds, or that finds."""
    calls = [*LOG_IN, *PUSH] if push else FIND
    mine = {call.action for call in calls}
    others = [call for call in [*LOG_IN, *PUSH, *DEPLOY] if call.action not in mine]
    return Proved(
        "build" if push else "find",
        build_permissions(repository_arn=REPOSITORY.arn(), push=push),
        (
            *_all(calls),
            # What runs other people's code reaches nothing that runs, and passes no role on.
            *(denied(c.action, c.thing.arn() if c.thing else "*", dict(c.keys)) for c in others),
            *_misuses(exec_allowed=False),
        ),
    )


def deploy(*, exec_allowed: bool = False) -> Proved:
    """Return the deploy role's permissions, with the calls of the job that deploys."""
    calls = list(DEPLOY)
    mine = {call.action for call in calls}
    if exec_allowed:
        calls += _calls("Deploy", SERVICE, "ecs:UpdateService", **TO_FAMILY, **{EXEC: "true"})
    others = [call for call in [*LOG_IN, *PUSH] if call.action not in mine]
    return Proved(
        f"deploy{', exec' if exec_allowed else ''}",
        deploy_permissions(
            repository_arn=REPOSITORY.arn(),
            service_arn=SERVICE.arn(),
            task_definition_arn=FAMILY.arn(),
            role_arns=[EXECUTION_ROLE.arn(), TASK_ROLE.arn()],
            exec_allowed=exec_allowed,
        ),
        (
            *_all(calls),
            *(denied(c.action, c.thing.arn() if c.thing else "*") for c in others),
            *_misuses(exec_allowed=exec_allowed),
        ),
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


def access() -> Proved:
    """Return the registry's policy for two other accounts, with what each of their roles does."""
    third_account = "333333333333"
    role = Thing("iam", "role/{}", ("qa-task-execution",))
    kinds = {"execution_role": "task-execution", "build_role": "build", "deploy_role": "deploy"}
    readers = {
        kind: [
            role.arn(f"qa-{end}", account=OTHER_ACCOUNT),
            role.arn(f"live-{end}", account=third_account),
        ]
        for kind, end in kinds.items()
    }
    policy = access_from_other_accounts(readers)
    if policy is None:
        raise AssertionError("two accounts promote the image")

    def request(action: str, role: str, expected: bool) -> Try:
        def passes(policy: Policy) -> bool:
            keys = {"aws:PrincipalArn": role}
            return grants(policy, action=action, principal=("AWS", role), context=keys)

        return Try(f"{action} by {role}", passes, expected)

    def anonymous(policy: Policy) -> bool:
        principal = ("AWS", readers["execution_role"][0])
        return any(
            grants(policy, action=action, principal=principal)
            for _, allowed in ACCESS.values()
            for action in allowed
        )

    actions = sorted({action for _, allowed in ACCESS.values() for action in allowed})
    actions += ["ecr:UploadLayerPart", "ecr:BatchDeleteImage", "ecr:SetRepositoryPolicy"]
    strangers = [
        role.arn(name, account=account)
        for end in kinds.values()
        for name, account in (
            (f"xqa-{end}", OTHER_ACCOUNT),
            (f"qa-{end}-2", OTHER_ACCOUNT),
            (f"xlive-{end}", third_account),
            (f"live-{end}-2", third_account),
            # Each account is let in for its own roles.
            (f"qa-{end}", third_account),
            (f"live-{end}", OTHER_ACCOUNT),
            (f"qa-{end}", "444444444444"),
        )
    ]
    return Proved(
        "access from other accounts",
        policy,
        (
            *(
                request(action, arn, action in ACCESS[kind][1])
                for kind, arns in readers.items()
                for arn in arns
                for action in actions
            ),
            *(request(action, arn, False) for arn in strangers for action in actions),
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
        build(),
        build(push=False),
        deploy(),
        deploy(exec_allowed=True),
        read_secrets(),
        exec_channels(),
        access(),
        task_trust(),
    ]


def deploy_role(**settings: Any) -> JobRole:
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
    return JobRole(**{**usual, **settings})


def trust(name: str, role: JobRole, policy: dict[str, Any] | None = None) -> Proved:
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
