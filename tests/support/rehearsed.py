"""Rehearsals as they could have been: the example's stacks and policies, invented times."""

import json
from datetime import UTC, datetime
from functools import cache

from keyless_ecs.config import load
from keyless_ecs.rehearsal.report import diagram
from keyless_ecs.rehearsal.report.record import (
    Claim,
    NotExercised,
    Permission,
    PlayedStack,
    Record,
    Revision,
    ServiceChange,
    Step,
)
from keyless_ecs.trust import evaluator
from keyless_ecs.trust.attempts import attempts
from keyless_ecs.trust.job_role import (
    UNKNOWN_OWNER_ID,
    UNKNOWN_REPOSITORY_ID,
    deploy_role_of,
)
from tests.conftest import EXAMPLE, Content
from tests.support.example import generated as example

ACCOUNT_STACK, STACK = "account-main", "papyrus-production"
LOOKED_UP = {
    "data.github_user.owner.id": UNKNOWN_OWNER_ID,
    "tostring(data.github_repository.repository.repo_id)": UNKNOWN_REPOSITORY_ID,
}
HOSTILE = (
    "<script>alert('1')</script>\"><img src=x onerror=alert(2)>" + "W" * 400 + "\x1b[31m\u202e"
)


def generated(stack: str) -> Content:
    """Return the Terraform JSON of a stack of the example."""
    return Content(json.loads((example() / "stacks" / stack / "cdk.tf.json").read_text()))


@cache
def sample() -> Record:
    """Return a rehearsal of the example that passed."""
    return Record(
        delivery_file="delivery.yaml",
        terraform="1.11.4",
        providers={"aws": "3.39.0", "github": "stand-in for 6.9.0"},
        steps=_steps(),
        stacks=[
            PlayedStack(name, "123456789012", "ap-northeast-1", diagram.resources(generated(name)))
            for name in (ACCOUNT_STACK, STACK)
        ],
        services=_services(),
        claims=_claims(),
        permissions=_permissions(),
        not_exercised=[
            NotExercised(
                STACK,
                "aws_vpc_security_group_egress_rule.network_egress",
                "",
                "as aws_security_group_rule: 3.39.0 has no aws_vpc_security_group_egress_rule",
            ),
            NotExercised(
                STACK, "aws_ecs_task_definition.task", "skip_destroy", "left out: 3.39.0 has none"
            ),
        ],
        started=datetime(2026, 11, 23, 4, 18, 7, tzinfo=UTC),
    )


@cache
def failed() -> Record:
    """Return a rehearsal that ended with a failure, and a token that got in and should not."""
    message = (
        "Error: creating ECS Service (papyrus-production): InvalidParameterException: The "
        "container web does not exist in the task definition.\n\n  with aws_ecs_service.service,\n"
        '  on cdk.tf.json line 322, in resource.aws_ecs_service.service:\n 322:       "service": {'
    )
    record = sample()
    steps = record.steps[:8]
    steps += [Step("Apply", STACK, 7.3, "failed", message)]
    steps += [Step(step.name, step.stack, 0.0, "skipped", "") for step in record.steps[9:]]
    wrong = Claim(
        "papyrus-production-deploy",
        "a pull request from a fork",
        "repo:Nickelth/Papyrus:pull_request",
        expected=False,
        admitted=True,
        by="policy",
    )
    return Record(
        delivery_file=record.delivery_file,
        terraform=record.terraform,
        providers=record.providers,
        steps=steps,
        stacks=record.stacks,
        services=[],
        claims=[*record.claims[:7], wrong],
        permissions=[],
        not_exercised=[],
    )


@cache
def hostile() -> Record:
    """Return a rehearsal whose every text would like to be more than text."""

    def poisoned(value: object) -> object:
        if isinstance(value, dict):
            return {
                (HOSTILE if key in record.providers else key): poisoned(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [poisoned(item) for item in value[:3]]
        return HOSTILE if isinstance(value, str) and value not in kept else value

    record = failed()
    kept = {"passed", "failed", "skipped", "policy", "sts"}
    whole = sample()
    data = json.loads(record.to_json())
    for part in ("services", "permissions", "not_exercised"):
        data[part] = json.loads(whole.to_json())[part]
    data["steps"] = data["steps"][7:10]
    return Record.from_json(json.dumps(poisoned(data)))


def _steps() -> list[Step]:
    nothing = "No changes. Your infrastructure matches the configuration."
    done: list[tuple[str, str | None, float, str]] = [
        ("Start the local AWS", None, 2.31, "moto on a free port of this machine"),
        ("Init", ACCOUNT_STACK, 1.92, ""),
        ("Validate", ACCOUNT_STACK, 0.84, ""),
        ("Plan", ACCOUNT_STACK, 2.07, "Plan: 1 to add, 0 to change, 0 to destroy."),
        ("Apply", ACCOUNT_STACK, 2.41, "1 added"),
        ("Init", STACK, 2.63, ""),
        ("Validate", STACK, 1.11, ""),
        ("Plan", STACK, 4.72, "Plan: 23 to add, 0 to change, 0 to destroy."),
        ("Apply", STACK, 15.28, "23 added"),
        ("Plan again", STACK, 4.96, nothing),
        ("Try tokens on the deploy role", STACK, 0.35, "As stored in the local IAM"),
        ("Push for production (production): Build and push", None, 1.44, ""),
        ("Deploy (production): Deploy and wait", None, 1.38, ""),
        ("Plan after the first deployment", STACK, 5.02, nothing),
        ("Change the task's memory", STACK, 9.87, "Plan: 1 to add, 0 to change, 1 to destroy."),
        ("Push and deploy again", STACK, 2.74, "papyrus-production:4 has 1024 MiB"),
        ("Plan after the second deployment", STACK, 4.99, nothing),
        ("Roll back to the first image", STACK, 1.41, "papyrus-production:5"),
        ("Plan after the roll-back", STACK, 5.13, nothing),
        ("Destroy", STACK, 11.6, "Nothing is left"),
    ]
    return [Step(name, stack, seconds, "passed", text) for name, stack, seconds, text in done]


def _services() -> list[ServiceChange]:
    repository = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/papyrus"
    first = f"{repository}@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    second = f"{repository}@sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
    runs = [
        Revision("papyrus-production:1", "public.ecr.aws/nginx/nginx:stable"),
        Revision("papyrus-production:2", first),
        Revision("papyrus-production:4", second),
        Revision("papyrus-production:5", first),
    ]
    moments = ["First push", "Memory 512 → 1024", "Roll back"]
    return [
        ServiceChange(STACK, moment, before, after)
        for moment, before, after in zip(moments, runs, runs[1:], strict=False)
    ]


def _claims() -> list[Claim]:
    (delivery,) = load(EXAMPLE).deliveries()
    role = deploy_role_of(delivery)
    trust = evaluator.resolve(generated(STACK)["locals"]["deploy_role_trust"], LOOKED_UP)
    return [
        Claim(
            role=role.name,
            token=attempt.name,
            subject=attempt.claims.get("sub", ""),
            expected=attempt.expected,
            admitted=attempt.succeeds(trust, role),
            by="sts",
        )
        for attempt in attempts(role)
    ]


def _permissions() -> list[Permission]:
    unused = {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecs:TagResource"}
    return [
        Permission(
            role="papyrus-production-deploy",
            sid=statement["Sid"],
            action=action,
            resource=resource,
            uses=0 if action in unused else 3,
        )
        for statement in generated(STACK)["locals"]["deploy_role_permissions"]["Statement"]
        for resource in statement["Resource"]
        for action in statement["Action"]
    ]
