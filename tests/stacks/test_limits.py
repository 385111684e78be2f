"""What AWS and GitHub refuse is refused here first: the case, where it was met, and its neighbours.

The kind of these faults: a name, a document or a set of tags is finished only in the JSON, and what
looked at single settings of the delivery file never saw it.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from ruamel.yaml import YAML

from keyless_ecs import synthesis
from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.problems import LimitError
from keyless_ecs.stacks.limits.finished import Finished
from keyless_ecs.stacks.limits.limit import MODELS
from keyless_ecs.stacks.limits.table import LIMITS
from tests.conftest import ROOT, Content
from tests.support import service_models
from tests.support.config import changed

pytestmark = pytest.mark.slow

ENVIRONMENT = "services.papyrus.environments.production"
KEY = "arn:aws:kms:{region}:123456789012:key/11111111-2222-3333-4444-555555555555"

Refusals = Callable[[Content], dict[str, str]]


@pytest.fixture
def refusals(loaded: Callable[[Content], DeliveryFile]) -> Refusals:
    """Return what gives the refusals of a delivery file by their place in it."""

    def refused(data: Content) -> dict[str, str]:
        file = loaded(data)
        try:
            synthesis.synthesize(file, file.stack_names())
        except LimitError as error:
            return {".".join(map(str, where)): message for where, message in error.found}
        return {}

    return refused


@pytest.mark.parametrize("name", ["papyrus", "large"])
def test_files_that_aws_and_github_take_are_within_all_limits(
    refusals: Refusals, name: str
) -> None:
    """What they would take is not refused here."""
    data = YAML(typ="safe").load(ROOT / f"tests/data/{name}.yaml")

    assert refusals(data) == {}


def test_the_models_are_those_of_botocore() -> None:
    """What the table takes from AWS's models is as they have it; ``make limits`` writes it."""
    assert MODELS.read_text(encoding="utf-8") == service_models.text()


WITHOUT_LIMITS = {
    # What they take are references, choices of this program, and names that are looked at where
    # they are made.
    "aws_acm_certificate_validation",
    "aws_appautoscaling_policy",
    "aws_appautoscaling_scheduled_action",
    "aws_appautoscaling_target",
    "aws_ecs_cluster_capacity_providers",
    "aws_lb_listener",
    "aws_lb_listener_certificate",
    "aws_route53_record",
    "aws_iam_role_policies_exclusive",
    "aws_iam_role_policy_attachments_exclusive",
    "github_repository_environment_deployment_policy",
}


def test_every_type_of_resource_is_in_the_table() -> None:
    """Whoever adds a type of resource says what AWS takes for it, or that there is nothing."""
    addresses = (ROOT / "tests/data/addresses.txt").read_text().splitlines()
    made = {line.split()[1].partition(".")[0] for line in addresses}

    assert made - {limit.type for limit in LIMITS} <= WITHOUT_LIMITS


def _environments(example: Content, **names: str) -> Content:
    (environment,) = example["services"]["papyrus"]["environments"].values()
    services = {key: {**example["services"]["papyrus"], "repository": key} for key in names}
    for key, name in names.items():
        services[key]["environments"] = {name: environment}
    return {**example, "services": services}


def test_names_that_are_derived_meet_the_limits_of_typed_ones(
    example: Content, refusals: Refusals
) -> None:
    """N4. ECR wants two characters, and no security group's name begins with ``sg-``.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    """
    found = refusals(_environments(example, a="production", **{"sg-api": "production"}))

    assert found == {
        "services.a.environments.production": "aws_ecr_repository.registry.name: 'a' has 1 "
        "character, and ECR takes 2 to 256; set registry: {name: …}",
        "services.sg-api.environments.production": "aws_security_group.network_service.name: "
        "'sg-api-production' stands there, and EC2 takes letters, digits, spaces and any of "
        "._-:/()#,@[]+=&;{}!$*, and not sg- first; give the service or the environment another key",
    }


@pytest.mark.parametrize("name", ["本番", "日本", "prod-Ω", "Łódź", "prod\U0001f680"])
def test_iam_takes_the_letters_of_western_europe_alone(
    example: Content, refusals: Refusals, name: str
) -> None:
    """N3. A policy takes U+0020 to U+00FF: hashicorp/terraform-provider-aws#32010.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    found = refusals(changed(example, f"{ENVIRONMENT}.github", {"name": name}))

    (message,) = found.values()
    assert list(found) == [f"{ENVIRONMENT}.github.name"]
    assert "IAM takes the letters U+0020 to U+00FF" in message


@pytest.mark.parametrize("name", ["Straße 7", "café", "año/2026", "R&D <eu>"])
def test_what_iam_takes_in_a_policy_is_left_alone(
    example: Content, refusals: Refusals, name: str
) -> None:
    """N3, the other way."""
    assert refusals(changed(example, f"{ENVIRONMENT}.github", {"name": name})) == {}


def test_a_certificate_is_for_a_common_name(example: Content, refusals: Refusals) -> None:
    """RFC 5280 ends it at 64 characters, where a name of DNS may have 253 and a rule takes 128.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
    """
    label = "a" * 52
    place = "services.papyrus.environments.production.domain"

    assert refusals(changed(example, place, f"{label}.example.com")) == {}
    found = refusals(changed(example, place, f"{label}b.example.com"))
    assert found.keys() == {f"{place}.names.0"}
    assert found[f"{place}.names.0"].endswith(
        "has 65 characters, and AWS takes at most 64; shorten the name, or bring a certificate "
        "that has it beside a shorter one: domain: {certificate: <ARN>}"
    )


def _secrets(count: int, service: str = "ssm") -> Content:
    arns = {
        "ssm": "arn:aws:ssm:ap-northeast-1:123456789012:parameter/acme/production/papyrus/{}",
        "one": "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:papyrus-AbCdEf:{}::",
    }
    return {
        f"SECRET_{number}": arns[service].format(f"secret-number-{number:03}")
        for number in range(count)
    }


def test_the_inline_policies_of_a_role_are_counted_together(
    example: Content, refusals: Refusals
) -> None:
    """N2. 10,240 characters: terraform-aws-modules/terraform-aws-ecs#108, aws/aws-cdk#8435."""
    many = changed(example, "services.papyrus.container.secrets", _secrets(120))
    mended = changed(example, "services.papyrus.container.secrets", _secrets(120, "one"))

    found = refusals(many)

    assert list(found) == ["services.papyrus.container.secrets.SECRET_0"]
    assert "characters of inline policies, and IAM takes 10,240 of a role" in found.popitem()[1]
    assert refusals(mended) == {}


def test_a_trust_policy_is_as_long_as_the_quota_of_the_account(
    example: Content, refusals: Refusals
) -> None:
    """N1. 2,048 characters, up to 8,192 where AWS raised them: pytorch/test-infra#5825."""
    branches = [f"release-of-the-year-{number}" for number in range(60)]
    many = changed(example, f"{ENVIRONMENT}.deploy_from", {"branches": branches})

    found = refusals(many)

    assert list(found) == [f"{ENVIRONMENT}.deploy_from.branches.0"]
    assert "IAM takes 2,048; let fewer patterns" in found.popitem()[1]
    assert refusals(changed(many, "accounts.main.quotas", {"assume_role_policy_size": 4096})) == {}


def test_a_job_is_pinned_to_its_file_and_not_to_each_ref(
    example: Content, refusals: Refusals
) -> None:
    """N1. Two files times seven refs made 2,437 characters; the ref is checked beside them."""
    refs = {
        "branches": ["main", "staging", "develop", "release-one", "hotfix-two"],
        "tags": ["v*", "r*"],
    }
    data = changed(example, f"{ENVIRONMENT}.deploy_from", refs)

    assert refusals(changed(data, f"{ENVIRONMENT}.trust", {"workflow": True})) == {}


def test_managed_policies_of_a_role_are_counted(example: Content, refusals: Refusals) -> None:
    """Ten of them by default, up to 25: IAM and STS quotas."""
    policies = [f"arn:aws:iam::123456789012:policy/p{number}" for number in range(11)]
    many = changed(example, "services.papyrus.task", {"task_role_policies": policies})

    (message,) = refusals(many).values()

    assert "aws_iam_role.task_role: 11 managed policies, and IAM attaches 10 to a role" in message
    raised = {"attached_policies_per_role": 20}
    assert refusals(changed(many, "accounts.main.quotas", raised)) == {}


ELSEWHERE = [
    (
        "services.papyrus.registry",
        {"encryption": KEY.format(region="us-east-1")},
        "services.papyrus.registry.encryption",
        "lies in the region us-east-1, and this stack in ap-northeast-1; use a key of that region",
    ),
    (
        f"{ENVIRONMENT}.logs",
        {"kms_key": KEY.format(region="eu-west-1")},
        f"{ENVIRONMENT}.logs.kms_key",
        "lies in the region eu-west-1, and this stack in ap-northeast-1; use a key of that region",
    ),
    (
        "services.papyrus.task",
        {"task_role_policies": ["arn:aws:iam::999999999999:policy/reader"]},
        "services.papyrus.task.task_role_policies.0",
        "lies in the account 999999999999, and this stack in 123456789012; "
        "name a policy of AWS or of the role's account",
    ),
    (
        "accounts.main.permissions_boundary",
        "arn:aws:iam::999999999999:policy/boundary",
        "accounts.main.permissions_boundary",
        "lies in the account 999999999999, and this stack in 123456789012; "
        "name a policy of the role's account",
    ),
    (
        "services.papyrus.task",
        {"execution_role_policies": ["arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess"]},
        "services.papyrus.task.execution_role_policies.0",
        "lies in the partition aws-cn, and this stack in aws; "
        "name a policy of AWS or of the role's account",
    ),
    (
        "services.papyrus.container.secrets",
        {"TOKEN": "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/token"},
        "services.papyrus.container.secrets.TOKEN",
        "names what is in the partition aws-us-gov, and this stack is in aws; "
        "name something of that partition",
    ),
]


@pytest.mark.parametrize(("path", "value", "place", "said"), ELSEWHERE)
def test_an_arn_lies_where_aws_looks_for_it(
    example: Content, refusals: Refusals, path: str, value: Any, place: str, said: str
) -> None:
    """N5. A key of another region, and its neighbours: account and partition."""
    found = refusals(changed(example, path, value))

    assert list(found) == [place]
    assert found[place].endswith(said)


def test_a_secret_may_lie_in_another_region(example: Content, refusals: Refusals) -> None:
    """ECS reads a parameter of another region by its full ARN.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
    """
    arn = "arn:aws:ssm:us-east-1:123456789012:parameter/token"

    assert refusals(changed(example, "services.papyrus.container.secrets", {"TOKEN": arn})) == {}


TAGS = [
    ("accounts.main.tags", {"Environment": "production"}, "Environment"),
    ("services.papyrus.tags", {"SERVICE": "shop"}, "SERVICE"),
    ("services.papyrus.tags", {"owner": "a", "Owner": "b"}, "owner"),
    ("accounts.main.tags", {"Managed-By": "terraform"}, "Managed-By"),
]


@pytest.mark.parametrize(("path", "tags", "key"), TAGS)
def test_iam_folds_the_keys_of_the_finished_tags(
    example: Content, refusals: Refusals, path: str, tags: Content, key: str
) -> None:
    """F1. github-aws-runners/terraform-aws-github-runner#1346, and the account's stack, too.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    found = refusals(changed(example, path, tags))

    assert list(found) == [f"{path}.{key}"]
    assert "are one key to IAM, which folds their case" in found.popitem()[1]


def test_tags_of_account_and_service_meet_in_the_finished_set(
    example: Content, refusals: Refusals
) -> None:
    """F1. Neither of two maps is wrong, and their sum is."""
    both = changed(
        changed(example, "accounts.main.tags", {"Owner": "platform"}),
        "services.papyrus.tags",
        {"owner": "shop"},
    )
    assert list(refusals(both)) == ["services.papyrus.tags.owner"]


def test_the_finished_tags_are_counted_with_those_of_the_pipeline(
    example: Content, refusals: Refusals
) -> None:
    """Fifty a resource, and a task definition gets four more with each deployment."""
    tags = {f"t{number}": "x" for number in range(44)}

    found = refusals(changed(example, "services.papyrus.tags", tags))

    assert found == {
        ENVIRONMENT: "47 tags, built-in ones too and the pipeline adds 4, and AWS takes 50; "
        "leave some out"
    }
    del tags["t43"]
    assert refusals(changed(example, "services.papyrus.tags", tags)) == {}


def test_the_built_in_tags_take_other_keys(example: Content, refusals: Refusals) -> None:
    """F5. A tag policy prescribes keys; and following the message of F1 leads to a good file."""
    prescribed = changed(example, "accounts.main.tags", {"Environment": "production"})

    assert refusals(prescribed)
    for key in ("Environment", "none"):
        mended = changed(prescribed, "accounts.main.tag_keys", {"environment": key})
        assert refusals(mended) == {}


def test_the_keys_of_built_in_tags_are_those_that_were_set(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """F5. Renamed, or left out, in the service's stack and in the account's."""
    keys = {"service": "Service", "environment": "none", "managed_by": "ManagedBy"}
    data = changed(example, "accounts.main.tag_keys", keys)
    (of_service,), (of_account,) = (
        delivered(data, name)["provider"]["aws"] for name in ("papyrus-production", "account-main")
    )

    assert of_service["default_tags"] == [
        {"tags": {"Service": "papyrus", "ManagedBy": "keyless-ecs"}}
    ]
    assert of_account["default_tags"] == [{"tags": {"ManagedBy": "keyless-ecs"}}]


@pytest.mark.parametrize(
    ("kind", "count", "place"),
    [("variables", 92, "variables.X0"), ("secrets", 101, "secrets.X0")],
)
def test_what_github_keeps_in_an_environment_is_counted(
    example: Content, refusals: Refusals, kind: str, count: int, place: str
) -> None:
    """A hundred of each in one environment, the built-in variables among them.

    https://docs.github.com/en/actions/reference/security/secrets
    """
    value = "x" if kind == "variables" else "variable"
    named = {f"X{number}": value for number in range(count)}
    fewer = {f"X{number}": value for number in range(count - 1)}

    found = refusals(changed(example, f"{ENVIRONMENT}.github", {kind: named}))

    assert list(found) == [f"{ENVIRONMENT}.github.{place}"]
    assert "GitHub keeps 100" in found.popitem()[1]
    assert refusals(changed(example, f"{ENVIRONMENT}.github", {kind: fewer})) == {}


def test_documents_are_counted_in_bytes_and_values_too(
    example: Content, refusals: Refusals
) -> None:
    """64 KiB for a task definition, 48 KiB for a variable of GitHub's."""
    lines = {f"LINE_{number}": "ö" * 1000 for number in range(33)}
    task = changed(example, "services.papyrus.container.variables", lines)
    variable = changed(example, f"{ENVIRONMENT}.github", {"variables": {"LONG": "ö" * 25_000}})

    (of_task,), (of_variable,) = refusals(task).values(), refusals(variable).values()

    assert "bytes, and ECS takes at most 65,536" in of_task
    assert "has 50,000 bytes, and GitHub takes at most 49,152" in of_variable


def _finished(**content: Any) -> Finished:
    provider = {"region": "eu-west-1", "allowed_account_ids": ["123456789012"]}
    return Finished({"provider": {"aws": [provider]}, **content})


def test_an_expression_is_read_where_the_stack_says_its_value() -> None:
    """A document is counted with the names that Terraform will put into it, not with references."""
    stack = _finished(
        locals={"policy": {"a": ["${aws_x.y.name}", "${data.z.q.id}", "$${kept}"], "b": 1}},
        resource={"aws_x": {"y": {"name": "named"}}},
    )

    read = stack.read("${jsonencode(local.policy)}")

    assert json.loads(read) == {"a": ["named", "0123456789", "${kept}"], "b": 1}
    assert stack.read("${data.z.q.id}") is None
    assert stack.read("a&b") == "a&b"
    assert [*stack.values({"block": [{"x": [1, 2]}, {"x": [3]}]}, "block.x[]")] == [1, 2, 3]
    assert [*stack.values({"block": {"x": [1, 2]}}, "block.x")] == [[1, 2]]
